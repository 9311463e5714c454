"""Tiles of doubles in vector registers, which numba does not have.

A tile is a value, as a float is one: a few rows of 8 doubles. LLVM maps a row to what the machine
has: one register with AVX-512, two with AVX2, four with NEON. Flat arrays are read and written at
an index, the rows of a tile at equal distances. Sums are fused multiply-adds in the order written.
"""

from __future__ import annotations

import llvmlite.ir as ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

LANES = 8
# Four are the fastest with both AVX-512 and AVX2, whose sixteen registers hold no eight and a row.
ROWS = 4

_DOUBLE, _BYTE, _WORD, _INDEX = ir.DoubleType(), ir.IntType(8), ir.IntType(64), ir.IntType(32)
_ROW = ir.VectorType(_DOUBLE, LANES)
_ZERO = ir.Constant(_ROW, [0.0] * LANES)
_UNDEFINED = ir.Constant(_ROW, ir.Undefined)
_ONE = ir.Constant(_WORD, 1)


class Tile(types.Type):
    """The type of a tile, to numba."""

    def __init__(self, rows):
        self.rows = rows
        super().__init__(f"Tile({rows})")


@register_model(Tile)
class _Model(models.PrimitiveModel):
    def __init__(self, manager, tile):
        super().__init__(manager, tile, ir.ArrayType(_ROW, tile.rows))


def _address(context, builder, kind, array, index, pointee):
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), pointee.as_pointer())


def _column(context, builder, kind, rows, pointee, array, start, step):
    # Pointers to array[start + step i].
    for _ in range(rows):
        yield _address(context, builder, kind, array, start, pointee)
        start = builder.add(start, step)


def _order(lanes):
    return ir.Constant(ir.VectorType(_INDEX, LANES), lanes)


def _splat(builder, scalar):
    first = builder.insert_element(_UNDEFINED, scalar, ir.Constant(_INDEX, 0))
    return builder.shuffle_vector(first, _UNDEFINED, _order([0] * LANES))


def _fma(builder, a, b, c):
    kind = ir.FunctionType(_ROW, [_ROW] * 3)
    fused = cgutils.get_or_insert_function(builder.module, kind, f"llvm.fma.v{LANES}f64")
    return builder.call(fused, [a, b, c])


def _split(builder, tile):
    return [builder.extract_value(tile, i) for i in range(tile.type.count)]


def _join(builder, rows):
    tile = ir.Constant(ir.ArrayType(_ROW, len(rows)), ir.Undefined)
    for i, row in enumerate(rows):
        tile = builder.insert_value(tile, row, i)
    return tile


def _factors(builder, kind, factor, rows):
    if kind == types.float64:
        return [_splat(builder, factor)] * rows
    return _split(builder, factor)


@intrinsic(prefer_literal=True)
def zero(typing, rows):
    """A tile of zeros."""

    def code(context, builder, signature, args):
        return _join(builder, [_ZERO] * rows.literal_value)

    return Tile(rows.literal_value)(rows), code


@intrinsic(prefer_literal=True)
def load(typing, rows, A, a, step):
    """The tile of A[a + step i + j], j = 0..7."""

    def code(context, builder, signature, args):
        places = _column(context, builder, A, rows.literal_value, _ROW, *args[1:])
        return _join(builder, [builder.load(place, align=8) for place in places])

    return Tile(rows.literal_value)(rows, A, types.int64, types.int64), code


@intrinsic
def store(typing, A, a, step, tile):
    """A[a + step i + j] = tile."""

    def code(context, builder, signature, args):
        places = _column(context, builder, A, tile.rows, _ROW, *args[:3])
        for place, row in zip(places, _split(builder, args[3]), strict=True):
            builder.store(row, place, align=8)
        return context.get_dummy_value()

    return types.void(A, types.int64, types.int64, tile), code


@intrinsic
def multiply(typing, factor, tile):
    """Entry by entry; the factor is a number or a tile."""

    def code(context, builder, signature, args):
        factors = _factors(builder, factor, args[0], tile.rows)
        pairs = zip(factors, _split(builder, args[1]), strict=True)
        return _join(builder, [builder.fmul(x, y) for x, y in pairs])

    return tile(factor, tile), code


@intrinsic
def add(typing, tile, other):
    """Entry by entry."""

    def code(context, builder, signature, args):
        pairs = zip(*(_split(builder, arg) for arg in args), strict=True)
        return _join(builder, [builder.fadd(x, y) for x, y in pairs])

    return tile(tile, tile), code


@intrinsic
def fma(typing, factor, tile, other):
    """factor tile + other; the factor is a number or a tile."""

    def code(context, builder, signature, args):
        factors = _factors(builder, factor, args[0], tile.rows)
        rows, others = (_split(builder, arg) for arg in args[1:])
        return _join(
            builder, [_fma(builder, *three) for three in zip(factors, rows, others, strict=True)]
        )

    return tile(factor, tile, tile), code


@intrinsic
def rank_one(typing, tile, A, a, step, B, b):
    """tile + A[a + step i] B[b + j]."""

    def code(context, builder, signature, args):
        row = builder.load(_address(context, builder, B, args[4], args[5], _ROW), align=8)
        places = _column(context, builder, A, tile.rows, _DOUBLE, *args[1:4])
        pairs = zip(places, _split(builder, args[0]), strict=True)
        return _join(
            builder, [_fma(builder, _splat(builder, builder.load(p)), row, x) for p, x in pairs]
        )

    return tile(tile, A, types.int64, types.int64, B, types.int64), code


@intrinsic
def combine(typing, row, A, a, tile):
    """row + sum_i A[a + i] tile[i]."""

    def code(context, builder, signature, args):
        (total,) = _split(builder, args[0])
        places = _column(context, builder, A, tile.rows, _DOUBLE, args[1], args[2], _ONE)
        for place, x in zip(places, _split(builder, args[3]), strict=True):
            total = _fma(builder, _splat(builder, builder.load(place)), x, total)
        return _join(builder, [total])

    return row(row, A, types.int64, tile), code


@intrinsic(prefer_literal=True)
def rectify(typing, tile, strict, bits, at, step):
    """The positive part; byte bits[at + step i] says where row i is >= 0, or > 0 if strict.

    Unordered comparisons let NaN through: what diverged must not look like a dead network.
    """
    sign = ">" if strict.literal_value else ">="

    def code(context, builder, signature, args):
        places, out = _column(context, builder, bits, tile.rows, _BYTE, *args[2:]), []
        for x, place in zip(_split(builder, args[0]), places, strict=True):
            on = builder.fcmp_unordered(sign, x, _ZERO)
            builder.store(builder.bitcast(on, _BYTE), place)
            out.append(builder.select(on, x, _ZERO))
        return _join(builder, out)

    return tile(tile, strict, bits, types.int64, types.int64), code


@intrinsic
def where_positive(typing, tile, other):
    """The tile where the other is > 0 or NaN, else 0."""

    def code(context, builder, signature, args):
        pairs = zip(*(_split(builder, arg) for arg in args), strict=True)
        chosen = [builder.select(builder.fcmp_unordered(">", y, _ZERO), x, _ZERO) for x, y in pairs]
        return _join(builder, chosen)

    return tile(tile, tile), code


@intrinsic
def transpose(typing, tile):
    """Of a tile of 8 rows."""

    def code(context, builder, signature, args):
        rows = _split(builder, args[0])
        for half in (4, 2, 1):
            kept = _order([j if not j & half else LANES + j - half for j in range(LANES)])
            sent = _order([j + half if not j & half else LANES + j for j in range(LANES)])
            for i in (i for i in range(LANES) if not i & half):
                one, two = rows[i], rows[i + half]
                rows[i] = builder.shuffle_vector(one, two, kept)
                rows[i + half] = builder.shuffle_vector(one, two, sent)
        return _join(builder, rows)

    return tile(tile), code


@intrinsic
def total(typing, tile):
    """The sum of a tile of one row, by halves."""

    def code(context, builder, signature, args):
        (row,) = _split(builder, args[0])
        for half in (4, 2, 1):
            turned = _order([(j + half) % LANES for j in range(LANES)])
            row = builder.fadd(row, builder.shuffle_vector(row, _UNDEFINED, turned))
        return builder.extract_element(row, ir.Constant(_INDEX, 0))

    return types.float64(tile), code


@intrinsic
def subset_sums(typing, T, t, A, a, B, b, step):
    """T[t + 8 u + j] = the sum of A[a + i] B[b + step i + j] over the bits i of u, u = 0..15."""

    def code(context, builder, signature, args):
        factors = _column(context, builder, A, 4, _DOUBLE, args[2], args[3], _ONE)
        rows, sums = _column(context, builder, B, 4, _ROW, *args[4:]), [_ZERO]
        for p, q in zip(factors, rows, strict=True):
            factor, row = _splat(builder, builder.load(p)), builder.load(q, align=8)
            sums += [_fma(builder, factor, row, x) for x in sums]
        step_of_one = ir.Constant(_WORD, LANES)
        places = _column(context, builder, T, 16, _ROW, args[0], args[1], step_of_one)
        for place, value in zip(places, sums, strict=True):
            builder.store(value, place, align=8)
        return context.get_dummy_value()

    return types.void(T, types.int64, A, types.int64, B, types.int64, types.int64), code

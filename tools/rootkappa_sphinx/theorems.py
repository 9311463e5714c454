"""The box of a theorem, whose title, number, paper and provenance come from the library's object.

`{theorem} GaussianNesterov` takes them from the object of this name, or of several names with
commas between them. A statement without an object has its title as argument and says the rest:

    :paper: liao2024provable
    :number: Theorem 13
    :provenance: full-text; derived: the constant

The first word of `:provenance:` is that of the whole, each further entry that of a part, whose text
may hold formulas and citations. Words are those of `rootkappa.provenance`; another one fails the
build. `:kind:` is theorem, corollary,
definition or another kind of box of sphinx-proof, `:title:` another title, `:label:` what
`{prf:ref}` refers to, and `:note:` a sentence to add.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx_proof.directive import DEFAULT_REALTYP_TO_COUNTERTYP, ElementDirective

from rootkappa.provenance import Provenance

if TYPE_CHECKING:
    from sphinx.application import Sphinx

Parts = list[tuple[Provenance, str]]
OWN = ("paper", "number", "provenance")


def kind(argument: str) -> str:
    """Read the kind of box."""
    return str(directives.choice(argument, tuple(DEFAULT_REALTYP_TO_COUNTERTYP)))


def provenance(argument: str) -> Parts:
    """Read `word; word: part; word: part`, where the first word is that of the whole."""
    entries = [entry.partition(":") for entry in argument.split(";")]
    return [(_word(word.strip()), part.strip()) for word, _, part in entries]


def _word(word: str) -> Provenance:
    if word not in {*Provenance}:
        raise ValueError(f"unknown provenance {word!r}: choose one of {', '.join(Provenance)}.")
    return Provenance(word)


def sentence(parts: Parts) -> str:
    """Say the provenance of the whole and of its parts in words."""
    (whole, rest), *others = parts
    first = f"{rest} ({whole.words})" if rest else whole.words
    others_in_words = "; ".join(f"{part} ({word.words})" for word, part in others)
    return " ".join(f"{text[0].upper()}{text[1:]}." for text in (first, others_in_words) if text)


class TheoremDirective(ElementDirective):
    """A box of sphinx-proof that ends with where its wording comes from."""

    required_arguments = 1
    optional_arguments = 0
    option_spec: ClassVar[dict[str, Any]] = {
        **ElementDirective.option_spec,
        "kind": kind,
        "title": directives.unchanged_required,
        "paper": directives.unchanged_required,
        "number": directives.unchanged_required,
        "provenance": directives.unchanged_required,
        "note": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Make the box."""
        title, sources = self._own() if self._given() else self._from_objects()
        self.arguments = [self.options.get("title", title)]
        self.name = f"prf:{self.options.get('kind', 'theorem')}"
        (box,) = super().run()
        lines = [*(f"*{source}*" for source in sources), self.options.get("note", "")]
        text = "\n\n".join(lines).strip().split("\n")
        place = self.state_machine.get_source_and_line(self.lineno)[0]
        words = nodes.container(classes=["rk-source"])
        self.state.nested_parse(StringList(text, source=place), self.content_offset, words)
        box[1] += words
        return [box]

    def _given(self) -> bool:
        return any(option in self.options for option in OWN)

    def _own(self) -> tuple[str, list[str]]:
        if "provenance" not in self.options:
            raise self.error("a theorem without an object needs :provenance:, such as derived.")
        try:
            parts = provenance(self.options["provenance"])
        except ValueError as error:
            raise self.error(str(error)) from error
        place = [f"{{cite:t}}`{self.options['paper']}`"] if "paper" in self.options else []
        place += [self.options["number"]] if "number" in self.options else []
        return self.arguments[0], [_source(", ".join(place), parts)]

    def _from_objects(self) -> tuple[str, list[str]]:
        found = [self._object(name.strip()) for name in self.arguments[0].split(",")]
        sources = [
            _source(
                f"{{cite:t}}`{theorem.key}`, {theorem.number}",
                [(theorem.provenance, ""), *theorem.parts],
            )
            for theorem in found
        ]
        return "; ".join(theorem.title for theorem in found), sources

    def _object(self, name: str) -> Any:
        # Only here: the library imports torch, which a page without theorems does not need.
        from rootkappa import theorems
        from rootkappa._hint import hint

        known = {
            entry: theorem
            for entry in theorems.__all__
            if getattr(theorem := getattr(theorems, entry), "key", "")
        }
        if name not in known:
            raise self.error(
                f"rootkappa.theorems has no theorem {name!r}: {hint(name, known)} A "
                "statement without an object takes :provenance:."
            )
        self.env.note_dependency(inspect.getfile(known[name]))
        return known[name]


def _source(place: str, parts: Parts) -> str:
    return f"{place}. {sentence(parts)}" if place else sentence(parts)


def setup(app: Sphinx) -> None:
    """Register the directive, on top of sphinx-proof and the bibliography."""
    for extension in ("sphinx_proof", "sphinxcontrib.bibtex"):
        app.setup_extension(extension)
    app.add_directive("theorem", TheoremDirective)

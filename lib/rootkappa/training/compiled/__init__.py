"""Blocks of training steps as compiled kernels, one replica after another, with its state in cache.

This room needs numba, and only `rootkappa.training.engines` opens it. A kernel is one idea a file:

* two-layer ReLU networks and deep ones take gradients from tables of partial sums (the method of
  four Russians), with activations packed to a bit each;
* deep linear networks carry their two chains of products through tiles of registers.

Every sum is a chain of fused multiply-adds in the order written, whatever the width of the vector
registers. The results therefore have the same bits on every machine with such an instruction.
"""

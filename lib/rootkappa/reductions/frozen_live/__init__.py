r"""A two-layer ReLU network of any width, exactly, at a cost that hardly depends on it.

$f(x) = s\sum_r a_r\phi(w_r^\top x)$ with fixed $a_r\in\R^k$, on inputs $x_1,\dots,x_n$ with
$K = X^\top X$; $\phi(z) = \max(z,\alpha z)$, a ReLU for $\alpha=0$ and else a leaky one. A *pair*
is a neuron r with a sample j. Its bit is $b_{rj} = [w_r^\top x_j\ge0]$, and its slope is
$d_{rj} = \alpha+(1-\alpha)b_{rj}$: the bit itself for a ReLU.

**One recursion for all neurons.** The gradient of $w_r$ is $s\sum_j d_{rj}(a_r^\top\xi_j)x_j$. So
$w_r(t) = w_r(0) + sXc_r(t)$, where $c_{rj}$ obeys the recursion of the method, a number at a time,
with the gradient $d_{rj}\,a_r^\top\xi_j$. Let $q_j\in\R^k$ obey it with the gradient $\xi_j$, once
for all neurons. With reference bits $b^0$ and their slopes $d^0$ put
$c_{rj} = d^0_{rj}a_r^\top q_j + \delta_{rj}$. Then $\delta_{rj}$ obeys the same recursion with the
gradient $(d-d^0)_{rj}\,a_r^\top\xi_j$: it is zero for every pair that never left its reference bit.
Such pairs are *frozen*, the others *live*, and

$$ f = f_{\rm ref} + Hq + s^2\sum_{\rm live}a_r\,\delta_{rj}\,(d^0_r\circ K_j)
   + s\sum_{b\ne b^0}a_r\,(d-d^0)_{ri}\,z_{ri}\,e_i, \qquad
   z_{ri} = z_{ri}(0) + s\sum_jK_{ij}c_{rj}. $$

**Which pairs are live** is certified, never guessed: `bounds`. A prediction, the frozen flow, says
only how long the lists of pairs are made.

**What it takes**, seconds of one core and memory beyond the library's (n = 64, d = 20, labels of
0.1, twins, gradient descent, 100 steps, counted neurons): 1.0 and 80 MB at m = 1e6, 8.8 and 260 MB
at 1e7, 75 and 810 MB at 1e8. Beyond the shares of warm pairs in `training.wide.PAYS` the direct
loop is faster.

Trained outer weights are outside: neurons of one pattern then share no vector, but a linear map
that depends on the pattern.
"""

/**
 * Between how many of `n` flows a share of `rate` lies in 99 of 100 cases, where they are independent: quantiles of the
 * binomial distribution at 0.005 and 0.995.
 */
export function binomialBand(n: number, rate: number): readonly [number, number] {
  let [low, sum] = [-1, 0];
  // Terms by their logarithms: the first one of many flows is too small for a number.
  let logTerm = n * Math.log1p(-rate);
  for (let k = 0; k <= n; k++) {
    sum += Math.exp(logTerm);
    if (low < 0 && sum >= 0.005) low = k;
    if (sum >= 0.995) return [low, k];
    logTerm += Math.log(((n - k) * rate) / ((k + 1) * (1 - rate)));
  }
  return [Math.max(0, low), n];
}

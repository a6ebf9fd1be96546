mann_whitney <- function(x, y) {
  found <- suppressWarnings(wilcox.test(x, y))
  share <- as.numeric(found$statistic) / (length(x) * length(y))
  list(estimate = share, statistic = found$statistic, p = found$p.value, rank_biserial = 2 * share - 1,
       exact = is_exact(x, y))
}
is_exact <- function(x, y) max(length(x), length(y)) < 50 && !anyDuplicated(c(x, y))
hodges_lehmann <- function(x, y) {
  if (as.numeric(length(x)) * length(y) > 2e7) return(list())
  found <- suppressWarnings(
    wilcox.test(x, y, conf.int = TRUE, conf.level = level, tol.root = 1e-12, digits.rank = Inf))
  parts <- list(estimate = found$estimate, low = found$conf.int[1], high = found$conf.int[2],
                median_difference = median(outer(x, y, "-")), exact = is_exact(x, y))
  if (is_exact(x, y)) {
    rank <- max(qwilcox((1 - level) / 2, length(x), length(y)), 1)
    parts$achieved_level <- 1 - 2 * pwilcox(rank - 1, length(x), length(y))
  }
  parts
}
brunner_munzel <- function(x, y) {
  m <- length(x); n <- length(y)
  ranks <- rank(c(x, y))
  px <- ranks[seq_len(m)] - rank(x)
  py <- ranks[m + seq_len(n)] - rank(y)
  sx <- var(px) / m / n^2; sy <- var(py) / n / m^2
  share <- mean(px) / n
  error <- sqrt(sx + sy)
  df <- (sx + sy)^2 / (sx^2 / (m - 1) + sy^2 / (n - 1))
  t <- (share - 0.5) / error
  half <- qt((1 + level) / 2, df) * error
  list(estimate = share, low = max(0, share - half), high = min(1, share + half), statistic = t, df = df,
       p = 2 * pt(-abs(t), df), rank_biserial = 2 * share - 1, exact = FALSE)
}

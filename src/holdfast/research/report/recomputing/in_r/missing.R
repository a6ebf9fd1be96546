# Missing outcomes at either end of the scale (Manski), with Imbens and Manski's interval.
manski <- function(x, y, missing, outcome) {
  fill <- function(v, k, value) c(v, rep(value, k))
  ends <- list(list(fill(x, missing[1], outcome$low), fill(y, missing[2], outcome$high)),
               list(fill(x, missing[1], outcome$high), fill(y, missing[2], outcome$low)))
  at <- vapply(ends, function(arms) mean(arms[[1]]) - mean(arms[[2]]), numeric(1))
  error <- vapply(ends, function(arms) sqrt(var(arms[[1]]) / length(arms[[1]]) + var(arms[[2]]) / length(arms[[2]])),
                  numeric(1))
  parts <- list(bound_low = at[1], bound_high = at[2], missing_treated = missing[1], missing_control = missing[2],
                share_trimmed = 0)
  if (min(error) == 0) return(parts)
  width <- (at[2] - at[1]) / max(error)
  q <- uniroot(function(c) pnorm(c + width) - pnorm(-c) - level, c(0, qnorm((1 + level) / 2) + 1e-9),
               tol = 1e-15, maxiter = 10000)$root
  c(parts, low = at[1] - q * error[1], high = at[2] + q * error[2])
}
# Lee (2009): the arm with fewer missing is trimmed to the other's share.
lee <- function(x, y, missing) {
  lowest <- function(v, share) {
    weights <- pmin(pmax(share * length(v) - seq_along(v) + 1, 0), 1)
    sum(sort(v) * weights) / sum(weights)
  }
  share <- c(length(x) / (length(x) + missing[1]), length(y) / (length(y) + missing[2]))
  parts <- list(missing_treated = missing[1], missing_control = missing[2])
  if (share[1] == share[2]) {
    d <- mean(x) - mean(y)
    return(c(parts, bound_low = d, bound_high = d, share_trimmed = 0))
  }
  kept <- min(share) / max(share)
  v <- if (share[1] > share[2]) x else y
  bottom <- lowest(v, kept); top <- -lowest(-v, kept)
  ends <- if (share[1] > share[2]) c(bottom, top) - mean(y) else mean(x) - c(top, bottom)
  c(parts, bound_low = ends[1], bound_high = ends[2], share_trimmed = 1 - kept)
}

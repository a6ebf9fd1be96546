# Least squares with the heteroscedasticity-consistent covariance HC3.
hc3 <- function(design, v) {
  bread <- solve(crossprod(design))
  coefficients <- bread %*% crossprod(design, v)
  residual <- as.numeric(v - design %*% coefficients)
  hat <- rowSums((design %*% bread) * design)
  list(b = as.numeric(coefficients), v = bread %*% crossprod(design * (residual / (1 - hat))) %*% bread,
       r2 = 1 - sum(residual^2) / sum((v - mean(v))^2))
}
adjusted <- function(v, first, table, interacted) {
  kept <- !is.na(v) & stats::complete.cases(table)
  left_out <- sum(!kept)
  v <- v[kept]; first <- as.numeric(first[kept])
  centred <- scale(as.matrix(table[kept, , drop = FALSE]), scale = FALSE)
  design <- cbind(1, first, centred, if (interacted) first * centred)
  found <- hc3(design, v)
  df <- length(v) - ncol(design)
  half <- qt((1 + level) / 2, df)
  line <- function(weights) {
    mean <- sum(weights * found$b); error <- sqrt(as.numeric(t(weights) %*% found$v %*% weights))
    c(mean, mean - half * error, mean + half * error, error)
  }
  pick <- function(...) c(..., rep(0, ncol(design) - 2))
  d <- line(pick(0, 1)); one <- line(pick(1, 1)); none <- line(pick(1, 0))
  list(estimate = d[1], low = d[2], high = d[3], se = d[4], statistic = d[1] / d[4], df = df,
       p = 2 * pt(-abs(d[1] / d[4]), df), n_treated = sum(first), n_control = sum(1 - first),
       left_out = left_out, r_squared = found$r2, mean_treated = one[1], mean_treated_low = one[2],
       mean_treated_high = one[3], mean_control = none[1], mean_control_low = none[2],
       mean_control_high = none[3])
}

# Cluster-robust CR2 with Satterthwaite degrees of freedom (Bell and McCaffrey 2002).
cr2 <- function(v, first, cluster, extra = NULL) {
  kept <- !is.na(v)
  if (!is.null(extra)) extra <- extra[kept, , drop = FALSE]
  v <- v[kept]; first <- as.numeric(first[kept]); cluster <- cluster[kept]
  design <- cbind(1, first, extra)
  bread <- solve(crossprod(design))
  b <- as.numeric(bread %*% crossprod(design, v))
  residual <- as.numeric(v - design %*% b)
  root <- t(chol(bread))
  parts <- lapply(split(seq_along(v), cluster), function(at) {
    xk <- design[at, , drop = FALSE]
    z <- xk %*% root
    e <- eigen(crossprod(z), symmetric = TRUE)
    free <- pmin(pmax(1 - e$values, 0), 1)
    change <- ifelse(free > 1e-12, 1 / sqrt(pmax(free, 1e-12)), 0) - 1
    change <- ifelse(e$values > 1e-12, change / pmax(e$values, 1e-12), 0.5)
    base <- xk %*% bread[, 2]
    u <- as.numeric(base + z %*% (e$vectors %*% (change * crossprod(e$vectors, crossprod(z, base)))))
    list(sum(u * residual[at]), sum(u^2), as.numeric(crossprod(xk, u)))
  })
  variance <- sum(vapply(parts, function(one) one[[1]], 0)^2)
  own <- vapply(parts, function(one) one[[2]], 0)
  w <- do.call(rbind, lapply(parts, function(one) one[[3]]))
  through <- rowSums((w %*% bread) * w)
  cross <- bread %*% crossprod(w)
  df <- sum(own - through)^2 / (sum(own^2) - 2 * sum(own * through) + sum(diag(cross %*% cross)))
  error <- sqrt(variance)
  half <- qt((1 + level) / 2, df) * error
  list(estimate = b[2], low = b[2] - half, high = b[2] + half, se = error, statistic = b[2] / error, df = df,
       p = 2 * pt(-abs(b[2] / error), df), n_treated = sum(first), n_control = sum(1 - first),
       clusters_treated = length(unique(cluster[first == 1])),
       clusters_control = length(unique(cluster[first == 0])))
}
cluster_means <- function(v, first, cluster) {
  kept <- !is.na(v)
  means <- tapply(v[kept], cluster[kept], mean)
  arm <- tapply(first[kept], cluster[kept], function(one) one[1])
  x <- as.numeric(means[arm]); y <- as.numeric(means[!arm])
  parts <- welch(x, y)
  parts[c("n_treated", "n_control")] <- list(sum(first[kept]), sum(!first[kept]))
  c(parts, clusters_treated = length(x), clusters_control = length(y))
}

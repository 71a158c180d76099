# Reference values for tests/exchange/test_agreement.py, by base R alone:
#   Rscript agreement.R > agreement.json
# Kappa: its definition; its variance by the delta method on the multinomial, derivatives by complex
# steps, so that it shares nothing with the closed form of Fleiss, Cohen and Everitt.
# ICC(2,1): mean squares from aov(); limits in the form of Shrout and Fleiss (1979), p. 424.
# All ratings are made up.

kappa_of <- function(p) {
  observed <- sum(diag(p))
  chance <- sum(rowSums(p) * colSums(p))
  (observed - chance) / (1 - chance)
}

kappa_case <- function(a, b) {
  words <- sort(unique(c(a, b)))
  p <- table(factor(a, words), factor(b, words)) / length(a)
  p <- matrix(as.vector(p), length(words))
  step <- 1e-30
  slope <- sapply(seq_along(p), function(i) {
    moved <- matrix(as.complex(p), nrow(p))
    moved[i] <- moved[i] + 1i * step
    Im(kappa_of(moved)) / step
  })
  value <- kappa_of(p)
  variance <- (sum(p * slope^2) - sum(p * slope)^2) / length(a)
  list(a = a, b = b, value = value, se = sqrt(variance))
}

icc_case <- function(a, b) {
  n <- length(a)
  k <- 2
  long <- data.frame(y = c(a, b), row = factor(rep(1:n, k)), rater = factor(rep(1:k, each = n)))
  squares <- summary(aov(y ~ row + rater, long))[[1]][, "Mean Sq"]
  msb <- squares[1]; msj <- squares[2]; mse <- squares[3]
  value <- (msb - mse) / (msb + (k - 1) * mse + k * (msj - mse) / n)
  fj <- msj / mse
  part <- n * (1 + (k - 1) * value) - k * value
  v <- (k - 1) * (n - 1) * (k * value * fj + part)^2 / ((n - 1) * k^2 * value^2 * fj^2 + part^2)
  upper <- qf(0.975, n - 1, v)
  lower <- qf(0.975, v, n - 1)
  list(a = a, b = b, value = value,
       low = n * (msb - upper * mse) / (upper * (k * msj + (k * n - k - n) * mse) + n * msb),
       high = n * (lower * msb - mse) / (k * msj + (k * n - k - n) * mse + n * lower * msb))
}

json <- function(x) {
  if (is.list(x)) {
    body <- if (is.null(names(x))) sapply(x, json)
            else paste0('"', names(x), '": ', sapply(x, json))
    ends <- if (is.null(names(x))) c("[", "]") else c("{", "}")
    return(paste0(ends[1], paste(body, collapse = ", "), ends[2]))
  }
  text <- if (is.character(x)) paste0('"', x, '"') else sprintf("%.17g", x)
  if (length(x) == 1) text else paste0("[", paste(text, collapse = ", "), "]")
}

kappas <- list(
  kappa_case(c("a", "a", "a", "b", "b", "b", "a", "b", "a", "b"),
             c("a", "a", "b", "b", "b", "a", "a", "b", "a", "b")),
  kappa_case(c("rct", "rct", "cohort", "cohort", "survey", "rct", "survey", "rct", "cohort", "rct"),
             c("rct", "cohort", "cohort", "rct", "survey", "rct", "rct", "rct", "survey", "rct")),
  kappa_case(c("x", "y", "x", "y", "x", "y"), c("y", "x", "y", "x", "x", "y")),
  kappa_case(c("x", "x", "x", "x", "x"), c("x", "x", "y", "x", "z"))
)
iccs <- list(
  icc_case(c(1, 2, 3, 4, 5, 6), c(1, 2, 3, 4, 5, 7)),
  icc_case(c(2.1, 2.7, 40, 58, 0.95, 12.5), c(2.3, 2.7, 44, 58, 0.59, 12)),
  icc_case(c(10, 12, 9, 14, 11), c(13, 15.5, 12, 17, 13.5)),
  icc_case(c(1, 2, 3, 4), c(4, 3, 2.5, 1)),
  icc_case(c(5, 7), c(6, 7.5)),
  icc_case(c(1e6, 1.2e6, 0.9e6), c(1.1e6, 1.2e6, 0.8e6))
)
cat(json(list(r = R.version.string, kappa = kappas, icc = iccs)), "\n")

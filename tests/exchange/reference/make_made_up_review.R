# Results of made-up analyses as RevMan states them, by R's metafor: Rscript make_made_up_review.R made-up-review.json
#
# Nothing in the data is real. Where RevMan computes otherwise than metafor does (Deeks JJ, Higgins JPT, Statistical
# algorithms in Review Manager 5, 2010), its formula is written out here, independently of the project's code.

suppressPackageStartupMessages(library(metafor))
library(jsonlite)

level <- 0.95
z <- qnorm(1 - (1 - level) / 2)

study <- c("Ash 2001", "Birch 2002", "Cedar 2003", "Dogwood 2004", "Elm 2005", "Fir 2006")
counts <- data.frame(
  study = study,
  ai = c(12, 30, 0, 22, 0, 9), n1i = c(60, 120, 35, 80, 40, 25),
  ci = c(20, 41, 4, 19, 0, 5), n2i = c(62, 118, 33, 84, 38, 27),
  subgroup = rep(c("online", "in person"), each = 3)
)
means <- data.frame(
  study = study[1:4],
  m1i = c(10.2, 8.9, 14.1, 11.0), sd1i = c(4.1, 3.8, 6.2, 5.0), n1i = c(58, 115, 30, 77),
  m2i = c(12.0, 9.1, 17.9, 10.4), sd2i = c(4.6, 4.0, 5.9, 5.3), n2i = c(60, 112, 31, 80)
)
ratios <- data.frame(
  study = study[c(1, 2, 4, 6)], yi = c(-0.35, 0.12, -0.51, 0.28), sei = c(0.14, 0.11, 0.23, 0.3)
)
logrank <- data.frame(
  study = study[c(1, 2, 4)], o_minus_e = c(-5.2, 3.1, -4.8), v = c(14.6, 21.3, 9.7),
  ai = c(30, 44, 20), n1i = c(60, 120, 80), ci = c(37, 40, 29), n2i = c(62, 118, 84)
)

result <- function(estimate, se, q, df, tau2 = 0, ratio = FALSE, ci = estimate + c(-1, 1) * z * se,
                   p = 2 * pnorm(-abs(estimate / se)), i2 = if (q > 0) 100 * max(0, (q - df) / q) else 0) {
  back <- if (ratio) exp else identity
  list(estimate = back(estimate), ci_low = back(ci[1]), ci_high = back(ci[2]), p = p, tau2 = tau2, i2 = i2, q = q)
}

rows <- function(yi, vi, weight, ratio) {
  back <- if (ratio) exp else identity
  list(
    estimate = back(as.numeric(yi)), ci_low = back(as.numeric(yi) - z * sqrt(vi)),
    ci_high = back(as.numeric(yi) + z * sqrt(vi)), se = sqrt(vi), weight = 100 * weight / sum(weight)
  )
}

mh <- function(d, measure) {
  ratio <- measure != "RD"
  how <- if (ratio) list(add = c(0.5, 0.5), to = c("only0", "only0"), drop00 = c(TRUE, TRUE)) else
    list(add = c(0.5, 0), to = c("only0", "none"), drop00 = c(FALSE, FALSE))
  do.call(rma.mh, c(list(measure = measure, ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i), how))
}

single <- function(d, measure) {
  escalc(measure = measure, ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i, add = 0.5, to = "only0",
         drop00 = measure != "RD")
}

mh_fixed <- function(d, measure) {
  fit <- mh(d, measure)
  e <- single(d, measure)
  kept <- !is.na(e$yi)
  weight <- rep(NA, nrow(d))
  weight[kept] <- weights(fit)[seq_len(sum(kept))]
  list(pool = result(as.numeric(fit$beta), fit$se, fit$QE, fit$k.yi - 1, ratio = TRUE),
       rows = rows(e$yi, e$vi, ifelse(kept, weight, 0), TRUE))
}

mh_plain <- function(d, measure) {
  fit <- rma.mh(measure = measure, ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i)
  e <- single(d, measure)
  list(pool = result(as.numeric(fit$beta), fit$se, fit$QE, fit$k.yi - 1, ratio = TRUE),
       rows = rows(e$yi, e$vi, weights(fit), TRUE))
}

mh_random <- function(d, measure) {
  e <- single(d, measure)
  kept <- !is.na(e$yi)
  y <- as.numeric(e$yi[kept]); v <- e$vi[kept]; w <- 1 / v
  q <- sum(w * (y - as.numeric(mh(d, measure)$beta))^2)
  df <- length(y) - 1
  tau2 <- if (df > 0) max(0, (q - df) / (sum(w) - sum(w^2) / sum(w))) else 0
  fit <- rma(y, v, tau2 = tau2)
  weight <- rep(0, nrow(d)); weight[kept] <- weights(fit)
  ratio <- measure != "RD"
  list(pool = result(as.numeric(fit$beta), fit$se, q, df, tau2, ratio), rows = rows(e$yi, e$vi, weight, ratio))
}

mh_difference <- function(d) {
  n <- d$n1i + d$n2i
  b <- d$n1i - d$ai; dd <- d$n2i - d$ci
  w <- d$n1i * d$n2i / n
  rd <- d$ai / d$n1i - d$ci / d$n2i
  estimate <- sum(w * rd) / sum(w)
  se <- sqrt(sum((d$ai * b * d$n2i^3 + d$ci * dd * d$n1i^3) / (d$n1i * d$n2i * n^2)) / sum(w)^2)
  e <- escalc(measure = "RD", ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i, to = "none")
  q <- sum((e$yi - estimate)^2 / e$vi)
  list(pool = result(estimate, se, q, nrow(d) - 1), rows = rows(e$yi, e$vi, w, FALSE))
}

peto <- function(d) {
  fit <- rma.peto(ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i, add = c(0, 0), to = c("none", "none"),
                  drop00 = c(TRUE, TRUE))
  e <- escalc(measure = "PETO", ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i, to = "none", drop00 = TRUE)
  weight <- ifelse(is.na(e$vi), 0, 1 / e$vi)
  list(pool = result(as.numeric(fit$beta), fit$se, fit$QE, sum(weight > 0) - 1, ratio = TRUE),
       rows = rows(e$yi, e$vi, weight, TRUE))
}

inverse <- function(yi, vi, method, ratio = FALSE, test = "z") {
  fit <- rma(yi, vi, method = method, test = test, control = list(threshold = 1e-12, maxiter = 10000))
  i2 <- if (method == "REML") fit$I2 else if (fit$QE > 0) 100 * max(0, (fit$QE - fit$k + 1) / fit$QE) else 0
  list(pool = result(as.numeric(fit$beta), fit$se, fit$QE, fit$k - 1, fit$tau2, ratio, c(fit$ci.lb, fit$ci.ub),
                     fit$pval, i2),
       rows = rows(yi, vi, weights(fit), ratio))
}

smd <- function(d) {
  n <- d$n1i + d$n2i
  s <- sqrt(((d$n1i - 1) * d$sd1i^2 + (d$n2i - 1) * d$sd2i^2) / (n - 2))
  g <- (d$m1i - d$m2i) / s * (1 - 3 / (4 * n - 9))
  list(yi = g, vi = n / (d$n1i * d$n2i) + g^2 / (2 * (n - 3.94)))
}

analysis <- function(number, name, type, effect, method, model, data, made, ...) {
  c(list(number = number, name = name, type = type, effect = effect, method = method, model = model,
         data = data, pool = made$pool, rows = made$rows), list(...))
}

by_subgroup <- function(d, compute) {
  parts <- split(d, factor(d$subgroup, unique(d$subgroup)))
  lapply(parts, function(part) compute(part)$pool)
}

alone <- function(d, measure, method) {
  e <- single(d, measure)
  inverse(as.numeric(e$yi), e$vi, method, measure != "RD")
}

swapped <- transform(counts, ai = n1i - ai, ci = n2i - ci)
md <- with(means, list(yi = m1i - m2i, vi = sd1i^2 / n1i + sd2i^2 / n2i))
no_zeros <- counts[c(1, 2, 4, 6), ]
plain <- counts[, names(counts) != "subgroup"]
many <- data.frame(
  study = study,
  ai = c(14, 31, 6, 25, 8, 11), n1i = c(61, 118, 33, 82, 41, 26),
  ci = c(21, 40, 9, 20, 13, 7), n2i = c(60, 121, 35, 83, 39, 28),
  subgroup = rep(c("online", "in person"), times = 3)
)
whole <- many[, names(many) != "subgroup"]
differences <- data.frame(
  study = study[1:5], yi = c(-1.4, 0.3, -2.25, -0.7, 1.1), sei = c(0.61, 0.48, 0.95, 0.37, 0.8)
)
more <- rbind(means, data.frame(study = study[5], m1i = 9.4, sd1i = 4.4, n1i = 12, m2i = 11.3, sd2i = 4.9, n2i = 11))
shares <- function(d, measure, method) by_subgroup(d, function(part) alone(part, measure, method))

made <- list(
  analysis("1.1", "Made-up relapse, odds", "DICH", "OR", "MH", "common", plain, mh_fixed(counts, "OR")),
  analysis("1.2", "Made-up relapse by setting", "DICH", "RR", "MH", "random", counts, mh_random(counts, "RR"),
           subgroups = by_subgroup(counts, function(d) mh_random(d, "RR"))),
  analysis("1.3", "Made-up relapse, Peto", "DICH", "PETO_OR", "PETO", "common", plain, peto(counts)),
  analysis("1.4", "Made-up relapse, difference", "DICH", "RD", "MH", "common",
           no_zeros[, names(no_zeros) != "subgroup"], mh_difference(no_zeros)),
  analysis("1.5", "Made-up remission", "DICH", "OR", "MH", "common", plain, mh_fixed(swapped, "OR"), swapped = TRUE),
  analysis("1.6", "Made-up distress", "CONT", "MD", "IV", "common", means, inverse(md$yi, md$vi, "FE")),
  analysis("1.7", "Made-up distress, standardised", "CONT", "SMD", "IV", "random", means,
           inverse(smd(means)$yi, smd(means)$vi, "DL")),
  analysis("1.8", "Made-up hazard", "IV", "Hazard Ratio", "IV", "random", ratios,
           inverse(ratios$yi, ratios$sei^2, "DL", TRUE)),
  analysis("1.9", "Made-up survival", "IPD", "Hazard Ratio", "PETO", "common", logrank,
           inverse(with(logrank, o_minus_e / v), 1 / logrank$v, "FE", TRUE)),
  analysis("1.10", "Made-up relapse by inverse variance", "DICH", "OR", "IV", "random", plain[plain$study != "Elm 2005", ],
           with(single(counts[-5, ], "OR"), inverse(as.numeric(yi), vi, "DL", TRUE))),
  analysis("2.1", "Made-up distress", "CONT", "MD", "IV", "random", means, inverse(md$yi, md$vi, "DL")),
  analysis("2.2", "Made-up hazard, restricted likelihood", "IV", "Hazard Ratio", "IV", "random", ratios,
           inverse(ratios$yi, ratios$sei^2, "REML", TRUE, "knha"), estimator = "REML", test = "knha"),
  analysis("3.1", "Made-up depression", "DICH", "OR", "MH", "common", whole, mh_plain(many, "OR")),
  analysis("3.2", "Made-up anxiety", "DICH", "RR", "MH", "common", whole, mh_plain(many, "RR")),
  analysis("3.3", "Made-up pain", "DICH", "RR", "IV", "random", many, alone(many, "RR", "DL"),
           subgroups = shares(many, "RR", "DL")),
  analysis("3.4", "Made-up fatigue", "DICH", "RD", "IV", "common", whole, alone(many, "RD", "EE")),
  analysis("3.5", "Made-up sleep", "DICH", "PETO_OR", "PETO", "common", many, peto(many),
           subgroups = by_subgroup(many, peto)),
  analysis("3.6", "Made-up recovery", "DICH", "OR", "IV", "common", whole,
           alone(transform(many, ai = n1i - ai, ci = n2i - ci), "OR", "EE"), swapped = TRUE),
  analysis("3.7", "Made-up mood", "IV", "MD", "IV", "random", differences,
           inverse(differences$yi, differences$sei^2, "DL")),
  analysis("3.8", "Made-up function", "IV", "Odds Ratio", "IV", "common", ratios,
           inverse(ratios$yi, ratios$sei^2, "EE", TRUE)),
  analysis("3.9", "Made-up distress", "CONT", "MD", "IV", "common", more,
           with(more, inverse(m1i - m2i, sd1i^2 / n1i + sd2i^2 / n2i, "EE"))),
  analysis("3.10", "Made-up hope", "DICH", "OR", "MH", "random", whole, mh_random(many, "OR")),
  analysis("3.11", "Made-up trust", "DICH", "RD", "MH", "random", many, mh_random(many, "RD"),
           subgroups = by_subgroup(many, function(d) mh_random(d, "RD")))
)
target <- commandArgs(trailingOnly = TRUE)[1]
write_json(list(meta = list(R = R.version$version.string, metafor = as.character(packageVersion("metafor"))),
                analyses = made),
           target, digits = NA, auto_unbox = TRUE, na = "null", pretty = TRUE, dataframe = "columns")

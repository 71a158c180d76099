# Reference values for test_mantel_haenszel_random.py, by R's metafor; made again in this folder by
#   Rscript random_mantel_haenszel.R > random_mantel_haenszel.json
# metafor has no function for random effects about the Mantel-Haenszel estimate. By parts: Q of the
# single studies about rma.mh's estimate, tau2 of DerSimonian and Laird from it, rma at that tau2.
suppressPackageStartupMessages({
  library(metafor)
  library(jsonlite)
})

about_mh <- function(common, level = 95) {
  yi <- c(common$yi)
  w <- 1 / common$vi
  df <- length(yi) - 1
  q <- if (df > 0) sum(w * (yi - common$beta[1])^2) else 0
  tau2 <- if (df > 0) max(0, (q - df) / (sum(w) - sum(w^2) / sum(w))) else 0
  found <- rma(yi, common$vi, tau2 = tau2, level = level)
  limits <- predict(found)
  reach <- qt(0.975, df - 1) * sqrt(tau2 + found$se^2)
  list(k = length(yi), estimate = found$beta[1], se = found$se, ci_low = found$ci.lb, ci_high = found$ci.ub,
       statistic = found$zval, p = found$pval, pi_low = limits$pi.lb, pi_high = limits$pi.ub,
       hts_low = found$beta[1] - reach, hts_high = found$beta[1] + reach,
       tau2 = tau2, i2 = found$I2, h2 = found$H2, q = q, q_p = pchisq(q, df, lower.tail = FALSE),
       weights = unname(weights(found)))
}

variants <- list(
  default = list(),
  revman = list(add = c(0.5, 0.5), to = c("only0", "only0"), drop00 = c(TRUE, TRUE)),
  all = list(add = c(0.25, 1), to = c("all", "all"), drop00 = c(FALSE, FALSE)),
  kept = list(drop00 = c(FALSE, FALSE)),
  nothing = list(add = c(0, 0), to = c("none", "none"))
)
tables <- lapply(c("colditz1994", "nielweise2007", "edge_zero_cells", "edge_k2"), function(name) {
  read.csv(file.path("../reference/data", paste0(name, ".csv")))
})
names(tables) <- c("colditz1994", "nielweise2007", "edge_zero_cells", "edge_k2")
tables <- Filter(function(table) all(c("ai", "ci") %in% names(table)), tables)

cells <- function(d) {
  if ("bi" %in% names(d)) return(list(ai = d$ai, bi = d$bi, ci = d$ci, di = d$di))
  list(ai = d$ai, bi = d$n1i - d$ai, ci = d$ci, di = d$n2i - d$ci)
}
mh <- list()
peto <- list()
for (name in names(tables)) {
  columns <- cells(tables[[name]])
  for (variant in names(variants)) {
    for (measure in c("OR", "RR", "RD")) {
      common <- suppressWarnings(do.call(rma.mh, c(list(measure = measure), columns, variants[[variant]])))
      if (length(common$yi) > 2) {
        mh[[length(mh) + 1]] <- c(list(table = name, measure = measure, variant = variant), about_mh(common))
      }
    }
    found <- suppressWarnings(do.call(rma.peto, c(columns, variants[[variant]])))
    peto[[length(peto) + 1]] <- list(
      table = name, variant = variant, k = found$k, k_yi = found$k.yi, estimate = found$beta[1], se = found$se,
      ci_low = found$ci.lb, ci_high = found$ci.ub, q = found$QE, q_p = found$QEp
    )
  }
}
made <- list(R = R.version.string, metafor = as.character(packageVersion("metafor")), mh = mh, peto = peto)
cat(toJSON(made, digits = NA, auto_unbox = TRUE, pretty = TRUE, na = "null"), "\n", sep = "")

# The pooled effect of
#   kb pool --approach segt --outcome survival
# by metafor. At its end this script says whether metafor agrees.
#
# Written by #
# Verdict: poolable with cautions.
#   Two trials (Goodwin 2001 (BEST) and Kissane 2007 (Melbourne SEGT trial)): how much their effects
#   differ can hardly be estimated.
#   The numbers of Goodwin 2001 (BEST) were seen only in an abstract, in a mirror copy.
#   The numbers of Kissane 2007 (Melbourne SEGT trial) were seen only in an abstract, in a
#   bibliographic record.
#   The control conditions differ: Educational materials (Goodwin 2001 (BEST)); Relaxation classes
#   (Kissane 2007 (Melbourne SEGT trial)).
#   When the outcome of Goodwin 2001 (BEST) and Kissane 2007 (Melbourne SEGT trial) was measured is
#   not said.
# The effects, and where they come from:
#   Goodwin 2001 (BEST): hazard ratio 1.06 (95 % CI 0.78 to 1.45), univariate, as reported
#     Goodwin et al. 2001, abstract, PMID 11742045: "hazard ratio for death according to the
#     univariate analysis, 1.06 [95 percent confidence interval, 0.78 to 1.45]"
#   Kissane 2007 (Melbourne SEGT trial): hazard ratio 0.92 (95 % CI 0.69 to 1.26), univariate,
#   intention to treat, as reported
#     Kissane et al. 2007, abstract, PMID 17385190: "median survival 24.0 months in SEGT and 18.3 in
#     controls; univariate hazard ratio for death 0.92 [95% CI, 0.69-1.26]"
#
# It needs R with its package metafor: install.packages("metafor"). Viechtbauer W. Conducting
# meta-analyses in R with the metafor package. J Stat Softw 2010;36(3):1-48.

suppressPackageStartupMessages(library(metafor))
options(show.signif.stars = FALSE)

dat <- data.frame(
  label = c("Goodwin 2001 (BEST)", "Kissane 2007 (Melbourne SEGT trial)"),
  study = c("goodwin-2001", "kissane-2007"),
  yi = c(0.058268908123975824, -0.083381608939051013),
  vi = c(0.025018548556102194, 0.023598796194758048),
  weight = c(48.539870524995074, 51.460129475004933)
)

# More digits than metafor iterates for when it is not asked.
scale <- max(var(c(dat$yi)), mean(dat$vi))
control <- list(threshold = 1e-12 * scale, tol = 1e-12 * scale,
                maxiter = 10000, tau2.max = 1e5 * scale)

res <- rma(
  yi, vi, data = dat, slab = label,
  method = "REML", test = "z", level = 95, control = control
)

print(res, digits = 8)
print(predict(res, transf = exp), digits = 8)
limits <- predict(res)
around <- confint(res, control = control)
print(around, digits = 8)

if (interactive()) forest(res, header = TRUE, atransf = exp)

# What evidence-kb found, and whether metafor agrees to a millionth.
number <- c("estimate", "se", "ci_low", "ci_high", "statistic", "p", "tau2", "tau2_se", "i2",
    "h2", "q", "q_p", "pi_low", "pi_high", "tau2_low", "tau2_high",
    "hazard ratio: estimate", "hazard ratio: ci_low", "hazard ratio: ci_high",
    "largest difference between weights")
ours <- c(-0.014624631358671744, 0.11019968727888944, -0.23061204953287179,
    0.20136278681552833, -0.13271028003609708, 0.89442251249019311, 0,
    0.034377654156617476, 0, 1, 0.41271009527660035, 0.52059716327663974,
    -0.23061204953287179, 0.20136278681552833, 0, 10.191300714637867,
    0.98548178914400486, 0.7940474573706976, 1.2230684044380491, 0)
theirs <- unname(c(
  res$beta[1],
  res$se[1],
  res$ci.lb[1],
  res$ci.ub[1],
  res$zval[1],
  res$pval[1],
  res$tau2,
  res$se.tau2,
  res$I2,
  res$H2,
  res$QE,
  res$QEp,
  limits$pi.lb,
  limits$pi.ub,
  around$random["tau^2", "ci.lb"],
  around$random["tau^2", "ci.ub"],
  exp(res$beta[1]),
  exp(res$ci.lb[1]),
  exp(res$ci.ub[1]),
  max(abs(weights(res) - dat$weight))
))
found <- data.frame(number, evidence_kb = ours, metafor = theirs)
print(found, digits = 10, row.names = FALSE, right = FALSE)
close <- function(x, y) isTRUE(all.equal(x, y, tolerance = 1e-6))
differs <- !mapply(close, theirs, ours)
if (any(differs)) stop("metafor differs in ", toString(number[differs]))
cat("metafor agrees with evidence-kb in all of these numbers.\n")

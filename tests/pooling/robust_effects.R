# The numbers of test_analysis.py for --dependence robust: the model of correlated and hierarchical
# effects (Pustejovsky JE, Tipton E. Prev Sci 2022;23:425-438) with CR2 by trial.
# Run it in tests/pooling: Rscript robust_effects.R
suppressPackageStartupMessages({
  library(metafor)
  library(clubSandwich)
})
dat <- read.csv("../reference/data/konstantopoulos2011.csv")
dat$effect <- seq_len(nrow(dat))
for (rho in c(0.2, 0.5, 0.8)) {
  V <- vcalc(vi, cluster = district, obs = effect, data = dat, rho = rho)
  res <- rma.mv(
    yi, V, random = ~ 1 | district/effect, data = dat,
    control = list(optimizer = "BFGS", reltol = 1e-16)
  )
  test <- coef_test(res, vcov = "CR2", cluster = dat$district, test = "Satterthwaite")
  limits <- conf_int(res, vcov = "CR2", cluster = dat$district)
  found <- c(test$beta, test$SE, test$p_Satt, limits$CI_L, sum(res$sigma2))
  cat(rho, sprintf("%.12f", found), "\n")
}

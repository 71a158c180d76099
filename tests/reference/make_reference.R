# Results of R's metafor on the tables of data/, written to reference.json beside this script:
#
#     Rscript tests/reference/make_reference.R [OUTPUT [CASE...]]
#
# README.md says what the blocks hold and why the iterations are driven to their end.

suppressPackageStartupMessages({
  library(metafor)
  library(clubSandwich)
  library(survival)
})
options(warn = -1)

here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE), fixed = TRUE))
wanted <- commandArgs(trailingOnly = TRUE)
output <- c(wanted, file.path(here, "reference.json"))[1]
only <- wanted[-1]

methods <- c("EE", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM", "PMM")
methods_brief <- c("EE", "DL", "REML")
methods_regression <- c("EE", "DL", "HE", "SJ", "ML", "REML", "EB", "PM")
iterative <- c("ML", "REML", "EB", "PM", "PMM")
within_cluster <- 0.6

measures_of <- list(
  "2x2" = c("OR", "RR", "RD", "PETO", "AS"),
  means = c("MD", "SMD", "SMDH", "ROM"),
  change = c("MC", "SMCC", "SMCR"),
  rates = c("IRR", "IRD"),
  prop = c("PR", "PLO", "PAS", "PFT"),
  corr = "ZCOR",
  gen = "GEN"
)
inputs_of <- list(
  "2x2" = c("ai", "bi", "ci", "di"),
  means = c("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"),
  change = c("m1i", "m2i", "sd1i", "sd2i", "ri", "ni"),
  rates = c("x1i", "t1i", "x2i", "t2i"),
  prop = c("xi", "ni"),
  corr = c("ri", "ni"),
  gen = c("yi", "vi")
)
variants_of <- list(
  "2x2" = list(
    "to=all" = list(to = "all"),
    "to=if0all" = list(to = "if0all"),
    "to=none" = list(to = "none"),
    "drop00" = list(drop00 = TRUE)
  ),
  means = list("vtype=UB" = list(vtype = "UB"), "vtype=HO" = list(vtype = "HO")),
  rates = list("to=all" = list(to = "all"), "drop00" = list(drop00 = TRUE)),
  prop = list("to=all" = list(to = "all"))
)
measures_of_variant <- list(
  "vtype=UB" = "SMD",
  "vtype=HO" = "MD",
  "to=none" = c("OR", "RR", "RD"),
  "to=all" = c("OR", "RR", "RD", "IRR", "IRD", "PLO", "PR")
)

# ---- What is analysed ------------------------------------------------------------------------

case <- function(file, kind, primary, mods = list(), subgroup = NULL, cluster = NULL,
                 mods_of_clusters = NULL, weights = NULL) {
  list(file = file, kind = kind, primary = primary, mods = mods, subgroup = subgroup,
       cluster = cluster, mods_of_clusters = mods_of_clusters, weights = weights)
}

cases <- list(
  case("colditz1994", "2x2", "RR", mods = list("ablat", "alloc", c("ablat", "alloc")),
       subgroup = "alloc", weights = "ablat"),
  case("nielweise2007", "2x2", "OR"),
  case("hine1989", "2x2", "RD"),
  case("normand1999", "means", "SMD", weights = "n1i"),
  case("gibson2002", "means", "MD"),
  case("made_change", "change", "SMCC"),
  case("hart1999", "rates", "IRR", subgroup = "prevention"),
  case("nielweise2008", "rates", "IRD"),
  case("debruin2009", "prop", "PLO", mods = list("scq", c("scq", "patients")),
       subgroup = "patients"),
  case("molloy2014", "corr", "ZCOR", mods = list("meanage", c("design", "quality")),
       subgroup = "design"),
  case("raudenbush1985", "gen", "GEN", mods = list("weeks", c("weeks", "tester")),
       subgroup = "setting", weights = "ni"),
  case("konstantopoulos2011", "gen", "GEN", cluster = "district", mods_of_clusters = "after1976"),
  case("berkey1998", "gen", "GEN", mods = list("outcome"), subgroup = "outcome",
       cluster = "trial", mods_of_clusters = "outcome"),
  case("edge_zero_cells", "2x2", "OR"),
  case("edge_no_events", "2x2", "OR"),
  case("edge_missing_counts", "2x2", "RR"),
  case("edge_zero_rates", "rates", "IRR"),
  case("edge_proportion_bounds", "prop", "PFT"),
  case("edge_k1", "gen", "GEN"),
  case("edge_k2", "gen", "GEN"),
  case("edge_identical", "gen", "GEN"),
  case("edge_two_maxima", "gen", "GEN"),
  case("edge_wide_variances", "gen", "GEN"),
  case("edge_tiny_scale", "gen", "GEN"),
  case("edge_missing_effects", "gen", "GEN", mods = list("dose"), subgroup = "arm")
)

read_table <- function(name) {
  read.csv(file.path(here, "data", paste0(name, ".csv")), colClasses = NA,
           na.strings = "", check.names = FALSE, encoding = "UTF-8")
}

# ---- JSON ------------------------------------------------------------------------------------

# The shortest of 15, 16 and 17 significant digits that reads back as the same number.
number <- function(x) {
  if (is.na(x)) return("null")
  if (is.infinite(x)) return(if (x > 0) '"Infinity"' else '"-Infinity"')
  for (digits in 15:17) {
    text <- sprintf("%.*g", digits, x)
    if (as.numeric(text) == x) break
  }
  text
}

scalar <- function(x) {
  if (is.na(x)) "null"
  else if (is.logical(x)) tolower(as.character(x))
  else if (is.numeric(x)) number(x)
  else encodeString(as.character(x), quote = '"')
}

# A list becomes an object, I(vector) an array whatever its length, a vector of one a scalar.
json <- function(x) {
  if (is.null(x)) return("null")
  if (is.list(x) && is.null(names(x)) && length(x)) {
    return(paste0("[", paste(vapply(x, json, ""), collapse = ", "), "]"))
  }
  if (is.list(x)) {
    parts <- vapply(names(x), function(key) paste0('"', key, '": ', json(x[[key]])), "")
    return(paste0("{", paste(parts, collapse = ", "), "}"))
  }
  if (is.factor(x)) x <- as.character(x)
  values <- vapply(seq_along(x), function(i) scalar(unclass(x)[i]), "")
  if (length(x) == 1 && !inherits(x, "AsIs")) return(values)
  paste0("[", paste(values, collapse = ", "), "]")
}

# One line per block, so that a difference between two versions of the file can be read.
write_json <- function(reference, path) {
  objects <- function(parts, indent) {
    lines <- paste0(indent, '"', names(parts), '": ', vapply(parts, json, ""))
    paste(lines, collapse = ",\n")
  }
  bodies <- vapply(reference$cases, function(x) paste0("{\n", objects(x, "   "), "\n  }"), "")
  text <- paste0('{\n "meta": {\n', objects(reference$meta, "  "), '\n },\n "cases": {\n',
                 paste0('  "', names(bodies), '": ', bodies, collapse = ",\n"), "\n }\n}\n")
  writeBin(charToRaw(enc2utf8(text)), path)
}

attempt <- function(expression) {
  tryCatch(expression, error = function(e) list(error = trimws(conditionMessage(e))))
}

# ---- tau2 to the last digit ------------------------------------------------------------------

scale_of <- function(yi, vi) max(var(yi), mean(vi), na.rm = TRUE)

# The weighted least squares residuals of yi, the leverages and log|X'WX|, for a given tau2; every
# single column of a design here is the intercept.
weighted_fit <- function(yi, vi, design, tau2) {
  w <- 1 / (vi + tau2)
  if (ncol(design) == 1) {
    return(list(w = w, residuals = yi - sum(w * yi) / sum(w), leverages = w / sum(w),
                log_det = log(sum(w))))
  }
  decomposition <- qr(sqrt(w) * design)
  list(w = w, residuals = qr.resid(decomposition, sqrt(w) * yi) / sqrt(w),
       leverages = rowSums(qr.Q(decomposition)^2),
       log_det = 2 * sum(log(abs(diag(qr.R(decomposition))))))
}

# What a method sets to zero, as a function of tau2; it falls through zero at the solution.
estimating_function <- function(method, yi, vi, design) {
  df <- nrow(design) - ncol(design)
  function(tau2) {
    fit <- weighted_fit(yi, vi, design, tau2)
    Q <- sum(fit$w * fit$residuals^2)
    switch(method,
      REML = sum((fit$w * fit$residuals)^2) - sum(fit$w * (1 - fit$leverages)),
      ML = sum((fit$w * fit$residuals)^2) - sum(fit$w),
      EB = ,
      PM = Q - df,
      PMM = Q - qchisq(0.5, df))
  }
}

log_likelihood <- function(method, yi, vi, design, tau2) {
  fit <- weighted_fit(yi, vi, design, tau2)
  restricted <- if (method == "REML") fit$log_det else 0
  -(sum(log(vi + tau2)) + restricted + sum(fit$w * fit$residuals^2)) / 2
}

# The solution, found without metafor: every fall through zero on a fine grid is bisected, and of
# several maxima of a likelihood the highest is taken.
exact_tau2 <- function(method, yi, vi, design) {
  if (nrow(design) <= ncol(design)) return(0)
  zero_at_solution <- estimating_function(method, yi, vi, design)
  grid <- c(0, scale_of(yi, vi) * 10^seq(-10, 5, by = 0.15))
  values <- vapply(grid, zero_at_solution, 0)
  falls <- which(head(values, -1) > 0 & tail(values, -1) <= 0)
  solutions <- vapply(falls, function(i) {
    uniroot(zero_at_solution, grid[i + 0:1], tol = 1e-300, maxiter = 10000)$root
  }, 0)
  if (values[1] <= 0) solutions <- c(0, solutions)
  if (length(solutions) == 1) return(solutions)
  heights <- vapply(solutions, function(t) log_likelihood(method, yi, vi, design, t), 0)
  solutions[which.max(heights)]
}

tight <- function(method, yi, vi, design) {
  scale <- scale_of(yi, vi)
  control <- list(threshold = 1e-13 * scale, maxiter = 10000, tau2.max = 1e6 * scale, tol = 1e-300)
  if (method %in% iterative) control$tau2.init <- exact_tau2(method, yi, vi, design)
  control
}

# ---- Univariate models -----------------------------------------------------------------------

design_of <- function(table, names) {
  for (name in names) {
    if (is.character(table[[name]])) {
      table[[name]] <- factor(table[[name]], levels = sort(unique(table[[name]]), method = "radix"))
    }
  }
  formula <- if (length(names)) reformulate(names) else ~ 1
  model.matrix(formula, table)
}

fit <- function(yi, vi, method, test = "z", design = cbind(intrcpt = rep(1, length(yi))),
                weights = NULL, weighted = TRUE) {
  mods <- design[, -1, drop = FALSE]
  control <- tight(method, yi, vi, design)
  arguments <- list(yi = yi, vi = vi, method = method, test = test, control = control,
                    weighted = weighted)
  if (!is.null(weights)) arguments$weights <- weights
  if (ncol(mods)) arguments$mods <- mods
  do.call(rma, arguments)
}

coefficients_of <- function(model) {
  list(est = c(model$beta), se = model$se, stat = model$zval, pval = model$pval,
       ci_lb = model$ci.lb, ci_ub = model$ci.ub,
       ddf = if (length(model$ddf)) model$ddf else NA)
}

prediction_of <- function(model) {
  same <- predict(model)
  riley <- predict(model, pi.type = "riley")
  list(pi_lb = same$pi.lb, pi_ub = same$pi.ub,
       pi_riley_lb = riley$pi.lb, pi_riley_ub = riley$pi.ub)
}

test_of <- function(model) {
  results <- coefficients_of(model)
  if (model$p > 1) {
    results <- c(lapply(results[1:6], I), list(ddf = results$ddf[1]),
                 list(QM = model$QM, QM_df1 = model$QMdf[1], QM_df2 = model$QMdf[2],
                      QMp = model$QMp))
  } else if (model$method != "EE") {
    results <- c(results, prediction_of(model))
  }
  if (model$test %in% c("knha", "adhoc")) results$s2w <- model$s2w
  results
}

heterogeneity_of <- function(model) {
  statistics <- model$fit.stats
  list(k = model$k, p = model$p, tau2 = model$tau2,
       se_tau2 = if (model$method == "EE") NA else model$se.tau2,
       I2 = model$I2, H2 = model$H2, QE = model$QE, QE_df = model$k - model$p, QEp = model$QEp,
       R2 = if (model$p > 1) model$R2,
       logLik_ML = statistics["ll", "ML"], logLik_REML = statistics["ll", "REML"],
       AIC = AIC(model), BIC = BIC(model), AICc = AIC(model, correct = TRUE))
}

model_block <- function(yi, vi, method, tests, ...) {
  attempt({
    models <- lapply(tests, function(test) fit(yi, vi, method, test, ...))
    block <- heterogeneity_of(models[[1]])
    c(block[!vapply(block, is.null, NA)], list(tests = setNames(lapply(models, test_of), tests)))
  })
}

tests_of <- function(method, all) {
  if (method == "EE") c("z", "t") else if (all) c("z", "t", "knha", "adhoc") else c("z", "knha")
}

q_profile <- function(yi, vi) {
  attempt({
    ends <- list(tol = 1e-300, maxiter = 10000, tau2.max = 1e6 * scale_of(yi, vi))
    limits <- confint(fit(yi, vi, "REML"), control = ends)
    random <- limits$random
    list(level = 95,
         tau2_lb = random["tau^2", "ci.lb"], tau2_ub = random["tau^2", "ci.ub"],
         I2_lb = random["I^2(%)", "ci.lb"], I2_ub = random["I^2(%)", "ci.ub"],
         H2_lb = random["H^2", "ci.lb"], H2_ub = random["H^2", "ci.ub"],
         lb_sign = limits$lb.sign, ub_sign = limits$ub.sign)
  })
}

back_of <- function(measure, ni) {
  switch(measure,
    OR = , RR = , PETO = , IRR = , ROM = exp,
    PLO = transf.ilogit,
    PAS = transf.iarcsin,
    PFT = function(x) transf.ipft.hm(x, targs = list(ni = ni)),
    ZCOR = transf.ztor)
}

backtransformed <- function(yi, vi, measure, ni) {
  back <- back_of(measure, ni)
  if (is.null(back)) return(NULL)
  model <- fit(yi, vi, "REML")
  limits <- prediction_of(model)
  values <- c(est = c(model$beta), ci_lb = model$ci.lb, ci_ub = model$ci.ub,
              pi_lb = limits$pi_lb, pi_ub = limits$pi_ub)
  c(list(method = "REML", test = "z"), lapply(as.list(values), back))
}

uni_block <- function(effects, measure, primary) {
  wanted <- if (primary) methods else methods_brief
  block <- lapply(setNames(nm = wanted), function(method) {
    model_block(effects$yi, effects$vi, method, tests_of(method, primary))
  })
  block$Qprofile <- q_profile(effects$yi, effects$vi)
  block$backtransformed <- backtransformed(effects$yi, effects$vi, measure, effects$ni)
  block
}

# ---- Effect sizes ----------------------------------------------------------------------------

effect_sizes <- function(table, kind, measure, options = list()) {
  attempt({
    columns <- as.list(table[inputs_of[[kind]]])
    result <- do.call(escalc, c(list(measure = measure), columns, options))
    list(yi = I(as.numeric(result$yi)), vi = I(as.numeric(result$vi)))
  })
}

escalc_block <- function(table, kind) {
  block <- lapply(setNames(nm = measures_of[[kind]]), function(m) effect_sizes(table, kind, m))
  for (variant in names(variants_of[[kind]])) {
    wanted <- measures_of_variant[[variant]]
    if (is.null(wanted)) wanted <- measures_of[[kind]]
    for (measure in intersect(wanted, measures_of[[kind]])) {
      block[[paste0(measure, ":", variant)]] <-
        effect_sizes(table, kind, measure, variants_of[[kind]][[variant]])
    }
  }
  block
}

sizes_of <- function(table, kind) {
  switch(kind,
    "2x2" = with(table, ai + bi + ci + di),
    means = with(table, n1i + n2i),
    table$ni)
}

# The rows of the table that give an effect, with yi, vi and (where known) ni.
usable_effects <- function(table, kind, measure) {
  sizes <- if (kind == "gen") table[c("yi", "vi")] else effect_sizes(table, kind, measure)
  kept <- which(!is.na(sizes$yi) & !is.na(sizes$vi))
  list(yi = as.numeric(sizes$yi[kept]), vi = as.numeric(sizes$vi[kept]),
       ni = sizes_of(table, kind)[kept], rows = kept)
}

# ---- Mantel-Haenszel and Peto ----------------------------------------------------------------

pooled_counts <- function(model) {
  if (is.character(model$error)) return(model)
  fields <- list(k = model$k, k_yi = model$k.yi, est = c(model$beta), se = model$se,
                 stat = model$zval, pval = model$pval, ci_lb = model$ci.lb, ci_ub = model$ci.ub,
                 QE = model$QE, QEp = model$QEp, I2 = model$I2, H2 = model$H2,
                 CO = model$CO, COp = model$COp, MH = model$MH, MHp = model$MHp,
                 BD = model$BD, BDp = model$BDp, TA = model$TA, TAp = model$TAp,
                 k_pos = model$k.pos)
  fields[!vapply(fields, is.null, NA)]
}

mh_block <- function(table, kind) {
  columns <- as.list(table[inputs_of[[kind]]])
  run <- function(measure, options) {
    pooled_counts(attempt(do.call(rma.mh, c(list(measure = measure), columns, options))))
  }
  uncorrected <- list(default = list(), correct_false = list(correct = FALSE))
  if (kind == "rates") {
    return(list(IRR = lapply(uncorrected, function(o) run("IRR", o)),
                IRD = list(default = run("IRD", list()))))
  }
  corrections <- list(
    add_half_only0 = list(add = c(0.5, 0.5), to = c("only0", "only0")),
    drop00_false = list(drop00 = c(FALSE, FALSE)),
    drop00_both = list(drop00 = c(TRUE, TRUE)))
  list(
    OR = lapply(c(uncorrected, corrections), function(o) run("OR", o)),
    RR = lapply(c(uncorrected["default"], corrections), function(o) run("RR", o)),
    RD = lapply(c(uncorrected["default"], corrections), function(o) run("RD", o)),
    PETO = list(default = pooled_counts(attempt(do.call(rma.peto, columns)))))
}

# ---- Sensitivity -----------------------------------------------------------------------------

refits <- function(effects, subsets, method) {
  rows <- lapply(subsets, function(chosen) {
    model <- fit(effects$yi[chosen], effects$vi[chosen], method)
    c(coefficients_of(model)[1:6],
      list(Q = model$QE, Qp = model$QEp, tau2 = model$tau2, I2 = model$I2, H2 = model$H2))
  })
  fields <- setNames(nm = names(rows[[1]]))
  lapply(fields, function(name) I(vapply(rows, function(row) row[[name]], 0)))
}

leave1out_block <- function(effects) {
  subsets <- lapply(seq_along(effects$yi), function(i) -i)
  lapply(setNames(nm = methods_brief), function(method) attempt(refits(effects, subsets, method)))
}

cumul_block <- function(effects, year) {
  order <- if (is.null(year)) seq_along(effects$yi) else order(year[effects$rows])
  subsets <- lapply(seq_along(order), function(i) order[1:i])
  c(list(order_by = if (is.null(year)) "row" else "year (ties keep row order)", order = I(order)),
    lapply(setNames(nm = methods_brief), function(m) attempt(refits(effects, subsets, m))))
}

# influence() creeps towards a tau2 of zero and stops beside it, so its tau2_del is solved anew.
influence_of <- function(effects, method) {
  attempt({
    left <- seq_along(effects$yi)
    tau2 <- vapply(left, function(i) fit(effects$yi[-i], effects$vi[-i], method)$tau2, 0)
    measures <- influence(fit(effects$yi, effects$vi, method))
    values <- measures$inf
    list(rstudent = I(values$rstudent), dffits = I(values$dffits), cook_d = I(values$cook.d),
         cov_r = I(values$cov.r), tau2_del = I(tau2), QE_del = I(values$QE.del),
         hat = I(values$hat), weight_pct = I(values$weight), dfbetas = I(measures$dfbs$intrcpt),
         is_infl = I(measures$is.infl))
  })
}

influence_block <- function(effects) {
  lapply(setNames(nm = methods_brief), function(method) influence_of(effects, method))
}

# ---- Small-study effects ---------------------------------------------------------------------

# What regtest() reports, from the regression itself: that can be driven to the end.
regression_test <- function(effects, method, predictor, test = "z") {
  attempt({
    x <- switch(predictor, sei = sqrt(effects$vi), vi = effects$vi, ni = effects$ni,
                ninv = 1 / effects$ni, sqrtni = sqrt(effects$ni), sqrtninv = 1 / sqrt(effects$ni))
    model <- fit(effects$yi, effects$vi, method, test, design = cbind(intrcpt = 1, x = x))
    results <- coefficients_of(model)
    limit <- predictor %in% c("sei", "vi", "ninv", "sqrtninv")
    list(stat = results$stat[2], pval = results$pval[2], ddf = results$ddf[1],
         limit_est = if (limit) results$est[1] else NA,
         limit_ci_lb = if (limit) results$ci_lb[1] else NA,
         limit_ci_ub = if (limit) results$ci_ub[1] else NA)
  })
}

egger_lm <- function(effects) {
  attempt({
    result <- regtest(effects$yi, effects$vi, model = "lm")
    list(stat = result$zval, pval = result$pval, ddf = result$ddf, limit_est = result$est,
         limit_ci_lb = result$ci.lb, limit_ci_ub = result$ci.ub)
  })
}

regtest_block <- function(effects) {
  block <- list()
  for (method in methods_brief) {
    for (predictor in c("sei", "vi")) {
      name <- paste("rma", method, predictor, sep = "_")
      block[[name]] <- regression_test(effects, method, predictor)
    }
  }
  block$rma_REML_sei_knha <- regression_test(effects, "REML", "sei", "knha")
  block$lm_sei_egger <- egger_lm(effects)
  if (!is.null(effects$ni)) {
    for (predictor in c("ni", "ninv", "sqrtni", "sqrtninv")) {
      block[[paste0("rma_REML_", predictor)]] <- regression_test(effects, "REML", predictor)
    }
  }
  block
}

ranktest_block <- function(effects) {
  one <- function(...) {
    attempt({
      result <- ranktest(effects$yi, effects$vi, ...)
      list(tau = result$tau, pval = result$pval)
    })
  }
  list(exact_where_possible = one(), asymptotic = one(exact = FALSE))
}

# trimfill() refits at metafor's default tolerance: k0 and the side are its own, the effects filled
# in are mirrored anew about the exact estimate of what was kept.
trimfill_of <- function(effects, method, estimator) {
  attempt({
    found <- trimfill(fit(effects$yi, effects$vi, method), estimator = estimator)
    order <- order(if (found$side == "left") effects$yi else -effects$yi)
    kept <- head(order, length(order) - found$k0)
    mirrored <- tail(order, found$k0)
    centre <- c(fit(effects$yi[kept], effects$vi[kept], method)$beta)
    filled_yi <- 2 * centre - effects$yi[mirrored]
    filled_vi <- effects$vi[mirrored]
    final <- fit(c(effects$yi, filled_yi), c(effects$vi, filled_vi), method)
    list(k0 = found$k0, se_k0 = found$se.k0, side = found$side,
         p_k0 = if (estimator == "R0") found$p.k0 else NA,
         est = c(final$beta), se = final$se, ci_lb = final$ci.lb, ci_ub = final$ci.ub,
         tau2 = final$tau2, I2 = final$I2, QE = final$QE, k = final$k,
         filled_yi = I(filled_yi), filled_vi = I(filled_vi))
  })
}

trimfill_block <- function(effects) {
  block <- list()
  for (method in methods_brief) {
    for (estimator in c("L0", "R0", "Q0")) {
      block[[paste(method, estimator, sep = "_")]] <- trimfill_of(effects, method, estimator)
    }
  }
  block
}

fsn_block <- function(effects) {
  lapply(setNames(nm = c("Rosenthal", "Orwin", "Rosenberg")), function(type) {
    attempt({
      result <- fsn(effects$yi, effects$vi, type = type)
      list(fsnum = result$fsnum, target = result$target, pval = result$pval)
    })
  })
}

# ---- Moderators ------------------------------------------------------------------------------

# Cochran's Q between the pooled estimates of subgroups.
between <- function(est, se) {
  w <- 1 / se^2
  Q <- sum(w * (est - sum(w * est) / sum(w))^2)
  df <- length(est) - 1
  list(Q = Q, df = df, p = pchisq(Q, df, lower.tail = FALSE))
}

common_tau2 <- function(effects, group, method) {
  attempt({
    test <- fit(effects$yi, effects$vi, method, design = model.matrix(~ group))
    means <- rma(effects$yi, effects$vi, mods = model.matrix(~ 0 + group), intercept = FALSE,
                 method = method, control = tight(method, effects$yi, effects$vi,
                                                  model.matrix(~ 0 + group)))
    list(Q = test$QM, df = test$QMdf[1], p = test$QMp, tau2 = test$tau2, QE = test$QE,
         level_est = I(c(means$beta)), level_se = I(means$se),
         level_ci_lb = I(means$ci.lb), level_ci_ub = I(means$ci.ub))
  })
}

subgroup_block <- function(effects, values, factor_name) {
  group <- factor(values, levels = sort(unique(values), method = "radix"))
  level_block <- function(method) {
    lapply(setNames(nm = levels(group)), function(level) {
      inside <- group == level
      model_block(effects$yi[inside], effects$vi[inside], method,
                  if (method == "EE") "z" else c("z", "knha"))
    })
  }
  per_level <- lapply(setNames(nm = methods_brief), level_block)
  separate <- lapply(per_level, function(levels) {
    z <- lapply(levels, function(level) level$tests$z)
    between(vapply(z, function(x) x$est, 0), vapply(z, function(x) x$se, 0))
  })
  list(factor = factor_name, levels = I(levels(group)), k = I(as.integer(table(group))),
       per_level = per_level, between_separate_tau2 = separate,
       between_common_tau2 = lapply(setNames(nm = methods_brief), function(method) {
         common_tau2(effects, group, method)
       }))
}

metareg_block <- function(effects, table, mods) {
  complete <- complete.cases(table[mods])
  design <- design_of(table[complete, , drop = FALSE], mods)
  models <- lapply(setNames(nm = methods_regression), function(method) {
    model_block(effects$yi[complete], effects$vi[complete], method,
                if (method == "EE") "z" else c("z", "knha"), design = design)
  })
  c(list(coding = "treatment contrasts, first level in C sort order is the reference",
         k = nrow(design), names = I(c("intrcpt", colnames(design)[-1]))), models)
}

# ---- Several effects per cluster -------------------------------------------------------------

# Sampling covariances of effects that correlate by rho within their cluster.
working_covariance <- function(vi, cluster, rho) {
  V <- outer(sqrt(vi), sqrt(vi)) * rho * outer(cluster, cluster, "==")
  diag(V) <- vi
  V
}

# Fisher scoring of the restricted likelihood in the two variances, held at or above zero.
exact_sigma2 <- function(start, yi, V, cluster, design) {
  parts <- list(outer(cluster, cluster, "==") * 1, diag(length(yi)))
  sigma2 <- start
  for (iteration in 1:200) {
    inverse <- chol2inv(chol(V + sigma2[1] * parts[[1]] + sigma2[2] * parts[[2]]))
    weighted <- inverse %*% design
    P <- inverse - weighted %*% solve(crossprod(design, weighted), t(weighted))
    PD <- lapply(parts, function(D) P %*% D)
    Py <- P %*% yi
    score <- vapply(parts, function(D) sum(Py * (D %*% Py)), 0) -
      vapply(PD, function(x) sum(diag(x)), 0)
    information <- outer(1:2, 1:2, Vectorize(function(i, j) sum(PD[[i]] * t(PD[[j]]))))
    free <- sigma2 > 0 | score > 0
    step <- numeric(2)
    step[free] <- solve(information[free, free, drop = FALSE], score[free])
    moved <- pmax(sigma2 + step, 0)
    if (all(abs(moved - sigma2) <= 1e-15 * max(moved))) break
    sigma2 <- moved
  }
  sigma2
}

several <- function(results) lapply(results, function(x) if (length(x) > 1) I(x) else x)

robust_of <- function(model, cluster, adjust) {
  several(coefficients_of(robust(model, cluster = cluster, adjust = adjust)))
}

satterthwaite_of <- function(model, cluster) {
  tests <- coef_test(model, vcov = "CR2", cluster = cluster, test = "Satterthwaite")
  limits <- conf_int(model, vcov = "CR2", cluster = cluster, test = "Satterthwaite")
  several(list(est = tests$beta, se = tests$SE, stat = tests$tstat, pval = tests$p_Satt,
               ci_lb = limits$CI_L, ci_ub = limits$CI_U, ddf = tests$df_Satt))
}

# The share of each variance component: Higgins and Thompson's "typical" sampling variance.
shares_of <- function(sigma2, V, design) {
  W <- chol2inv(chol(V))
  P <- W - W %*% design %*% solve(crossprod(design, W %*% design), crossprod(design, W))
  typical <- (nrow(design) - ncol(design)) / sum(diag(P))
  100 * sigma2 / (sum(sigma2) + typical)
}

clustered_model <- function(yi, V, cluster, design) {
  attempt({
    frame <- data.frame(yi = yi, cluster = cluster, effect = seq_along(yi))
    mods <- design[, -1, drop = FALSE]
    run <- function(...) {
      arguments <- list(yi = yi, V = V, random = ~ 1 | cluster/effect, data = frame, ...)
      if (ncol(mods)) arguments$mods <- mods
      do.call(rma.mv, arguments)
    }
    sigma2 <- exact_sigma2(run()$sigma2, yi, V, cluster, design)
    model <- run(sigma2 = sigma2)
    by_t <- run(sigma2 = sigma2, test = "t")
    shares <- shares_of(sigma2, V, design)
    block <- list(k = model$k, n_clusters = length(unique(cluster)),
                  sigma2_between = sigma2[1], sigma2_within = sigma2[2],
                  logLik_REML = c(logLik(model, REML = TRUE)), QE = model$QE, QEp = model$QEp,
                  I2_total = sum(shares), I2_between = shares[1], I2_within = shares[2],
                  z = several(coefficients_of(model)))
    if (ncol(mods)) {
      block <- c(block, list(names = I(c("intrcpt", colnames(mods))),
                             QM = model$QM, QMp = model$QMp))
    } else {
      limits <- predict(model)
      block <- c(block, list(pi_lb = limits$pi.lb, pi_ub = limits$pi.ub))
    }
    c(block, list(
      t = several(coefficients_of(by_t)),
      t_contain = several(coefficients_of(run(sigma2 = sigma2, test = "t", dfs = "contain"))),
      CR0_metafor = robust_of(by_t, cluster, FALSE), CR1_metafor = robust_of(by_t, cluster, TRUE),
      CR2_clubSandwich = satterthwaite_of(by_t, cluster)))
  })
}

mv_block <- function(effects, table, spec) {
  cluster <- table[[spec$cluster]]
  design <- design_of(table, spec$mods_of_clusters)
  one <- design[, 1, drop = FALSE]
  V <- working_covariance(effects$vi, cluster, within_cluster)
  frame <- escalc(measure = "GEN", yi = effects$yi, vi = effects$vi,
                  data = data.frame(cluster = cluster, yi = effects$yi, vi = effects$vi))
  combined <- aggregate(frame, cluster = cluster, rho = within_cluster)
  list(
    cluster = spec$cluster,
    three_level = clustered_model(effects$yi, diag(effects$vi), cluster, one),
    three_level_metareg = c(list(mods = spec$mods_of_clusters),
                            clustered_model(effects$yi, diag(effects$vi), cluster, design)),
    che_rho0.6 = clustered_model(effects$yi, V, cluster, one),
    aggregate_rho0.6 = list(cluster = I(as.character(combined$cluster)),
                            yi = I(as.numeric(combined$yi)), vi = I(combined$vi)))
}

# ---- Weights ---------------------------------------------------------------------------------

weights_block <- function(effects, table, name) {
  c(list(column = name), lapply(setNames(nm = methods_brief), function(method) {
    model_block(effects$yi, effects$vi, method, if (method == "EE") "z" else c("z", "knha"),
                weights = table[[name]])
  }))
}

unweighted_block <- function(effects) {
  attempt({
    model <- fit(effects$yi, effects$vi, "REML", weighted = FALSE)
    c(list(tau2 = model$tau2), coefficients_of(model))
  })
}

# ---- Survival --------------------------------------------------------------------------------

survival_case <- function(name) {
  table <- read_table(name)
  cox <- coxph(Surv(time, event) ~ group, table, ties = "efron",
               control = coxph.control(eps = 1e-14, iter.max = 100))
  rank <- survdiff(Surv(time, event) ~ factor(group, levels = c(1, 0)), table)
  list(dataset = name, kind = "times", k = nrow(table), inputs = I(c("time", "event", "group")),
       rows = rows_of(table),
       survival = list(
         cox_efron = list(est = unname(coef(cox)), se = sqrt(c(vcov(cox))),
                          loglik_null = cox$loglik[1], loglik = cox$loglik[2]),
         logrank = list(observed = rank$obs[1], expected = rank$exp[1],
                        o_minus_e = rank$obs[1] - rank$exp[1], v = rank$var[1, 1],
                        chisq = rank$chisq, p = pchisq(rank$chisq, 1, lower.tail = FALSE))))
}

# ---- All together ----------------------------------------------------------------------------

rows_of <- function(table) {
  lapply(seq_len(nrow(table)), function(i) as.list(table[i, , drop = FALSE]))
}

analyse <- function(spec) {
  table <- read_table(spec$file)
  kind <- spec$kind
  result <- list(dataset = spec$file, kind = kind, k = nrow(table), primary = spec$primary,
                 measures = I(measures_of[[kind]]), inputs = I(inputs_of[[kind]]),
                 rows = rows_of(table))
  if (kind != "gen") result$escalc <- escalc_block(table, kind)
  result$uni <- lapply(setNames(nm = measures_of[[kind]]), function(measure) {
    uni_block(usable_effects(table, kind, measure), measure, measure == spec$primary)
  })
  if (kind %in% c("2x2", "rates")) result$mh <- mh_block(table, kind)

  effects <- usable_effects(table, kind, spec$primary)
  used <- table[effects$rows, , drop = FALSE]
  k <- length(effects$yi)
  result$rows_used <- I(effects$rows)
  result$unweighted_REML <- unweighted_block(effects)
  if (k >= 2) {
    result$cumul <- cumul_block(effects, table$year)
  }
  if (k >= 3) {
    result$leave1out <- leave1out_block(effects)
    result$influence <- influence_block(effects)
    result$regtest <- regtest_block(effects)
    result$ranktest <- ranktest_block(effects)
    result$trimfill <- trimfill_block(effects)
    result$fsn <- fsn_block(effects)
  }
  if (!is.null(spec$weights)) result$weights <- weights_block(effects, used, spec$weights)
  if (!is.null(spec$subgroup)) {
    result$subgroup <- subgroup_block(effects, used[[spec$subgroup]], spec$subgroup)
  }
  if (length(spec$mods)) {
    names(spec$mods) <- vapply(spec$mods, paste, "", collapse = "+")
    result$metareg <- lapply(spec$mods, function(mods) metareg_block(effects, used, mods))
  }
  if (!is.null(spec$cluster)) result$mv <- mv_block(effects, used, spec)
  result
}

versions <- vapply(c("metafor", "clubSandwich", "survival"),
                   function(package) as.character(packageVersion(package)), "")
meta <- c(list(R = paste(R.version$major, R.version$minor, sep = ".")), as.list(versions),
          list(level = 95, rho = within_cluster,
               settings = paste("tau2 and sigma2 solved to machine precision and handed to metafor",
                                "as the start of its iteration; threshold 1e-13 of the scale of",
                                "the data, no tolerance in root finding")))
names(cases) <- vapply(cases, function(spec) spec$file, "")
chosen <- if (length(only)) intersect(names(cases), only) else names(cases)
results <- lapply(cases[chosen], analyse)
if (!length(only) || "made_survival" %in% only) {
  results$made_survival <- survival_case("made_survival")
}
write_json(list(meta = meta, cases = results), output)

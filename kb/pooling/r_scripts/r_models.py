"""The calls of metafor that pool the effects of an answer as the answer did."""

from collections.abc import Mapping
from typing import Any

from kb.pooling.analysing.analysis import Analysis
from kb.pooling.analysing.units import units_of
from kb.pooling.answer import PooledAnswer
from kb.pooling.corrections import of_sums
from kb.pooling.options import COUNT_METHODS, RANDOM_MH
from kb.pooling.r_scripts.r_literals import column_name, comment, constants, number, text, vector
from kb.synthesis.design import word

_ITERATIVE = {"REML", "ML", "EB", "PM", "PMM"}
_FUNCTIONS = {"MH": "rma.mh", RANDOM_MH: "rma.mh", "PETO": "rma.peto"}
_TRANSFORMATIONS = {"PLO": "transf.ilogit", "PAS": "transf.iarcsin", "ZCOR": "transf.ztor"}
_OWN_COLUMNS = ("label", "study", "yi", "vi", "weight", "subgroup", "effect")

_OF_AGGREGATE = (
    "One effect per trial, by generalised least squares at an assumed correlation of the sampling "
    "errors."
)
_OF_THREE_LEVEL = (
    "Effects within trials: Konstantopoulos S. Res Synth Methods 2011;2:61-76; the sampling errors "
    "of a trial are taken to correlate."
)
_OF_ROBUST = (
    "Cluster-robust, CR2 with Satterthwaite degrees of freedom: Pustejovsky JE, Tipton E. J Bus "
    "Econ Stat 2018;36:672-683. It needs the package clubSandwich."
)
_OF_RANDOM_MH = (
    "Random effects about the Mantel-Haenszel estimate: Deeks JJ, Higgins JPT. Statistical "
    "algorithms in Review Manager 5, 2010. metafor has no function for it: Q of the single studies "
    "about rma.mh's estimate, tau2 of DerSimonian and Laird from it, and rma at that tau2."
)
_OF_PREDICTION = (
    "Prediction interval by t with k - 2 degrees of freedom: Higgins JPT, Thompson SG, "
    "Spiegelhalter DJ. J R Stat Soc A 2009;172:137-159."
)
_OF_SUBGROUPS = (
    "Subgroups, tau2 estimated in each alone, and Cochran's Q between their pooled effects: "
    "Borenstein M et al. Introduction to Meta-Analysis, 2009, chapter 19."
)


def moderator_columns(answer: PooledAnswer) -> dict[str, str]:
    """Return the columns of R that hold the moderators, by their names."""
    taken = [*_OWN_COLUMNS, *(answer.selection.counts or {})]
    columns: dict[str, str] = {}
    for name in answer.options.moderators:
        columns[name] = column_name(name, [*taken, *columns.values()])
    return columns


def kinds(answer: PooledAnswer, analysis: Analysis) -> dict[str, list[Any]]:
    """Return the columns of subgroups and moderators, a value for each effect that is pooled."""
    units = units_of(answer.selection, analysis.effects, answer.options)
    columns: dict[str, list[Any]] = {}
    if answer.options.subgroup is not None:
        values = units.values(answer.entries, answer.options.subgroup)
        columns["subgroup"] = [word(value) or None for value in values]
    for name, column in moderator_columns(answer).items():
        columns[column] = units.values(answer.entries, name)
    return columns


def aggregated(answer: PooledAnswer, analysis: Analysis) -> str:
    """Return what makes one effect per trial, "" where that is not asked for."""
    if answer.options.dependence != "aggregate":
        return ""
    units = units_of(answer.selection, analysis.effects, answer.options)
    studies = vector(answer.entries[members[0]].study for members in units.members)
    return "\n".join(
        [
            comment(_OF_AGGREGATE),
            'dat <- escalc(measure = "GEN", yi = yi, vi = vi, data = dat)',
            f"dat <- aggregate(dat, cluster = study, rho = {number(answer.options.rho)})",
            *(
                f"dat${column} <- unname(setNames({vector(values)}, {studies})[dat$study])"
                for column, values in kinds(answer, analysis).items()
            ),
        ]
    )


def control(analysis: Analysis) -> str:
    """Return what makes metafor iterate for more digits, "" where it does not iterate."""
    result = analysis.result
    iterates = result["method"] in _ITERATIVE or result["tau2_high"] is not None
    if result["model"] == "three-level" or result["k"] == 1 or not iterates:
        return ""
    return "\n".join(
        [
            comment("More digits than metafor iterates for when it is not asked."),
            "scale <- max(var(c(dat$yi)), mean(dat$vi))",
            "control <- list(threshold = 1e-12 * scale, tol = 1e-12 * scale,",
            "                maxiter = 10000, tau2.max = 1e5 * scale)",
        ]
    )


def about_mantel_haenszel(answer: PooledAnswer) -> str:
    """Return the function of random effects about the Mantel-Haenszel estimate, "" elsewhere."""
    if answer.options.method != RANDOM_MH:
        return ""
    level = number(answer.options.level)
    return "\n".join(
        [
            comment(_OF_RANDOM_MH),
            "about_mh <- function(common) {",
            "  yi <- c(common$yi)",
            "  w <- 1 / common$vi",
            "  df <- length(yi) - 1",
            "  q <- if (df > 0) sum(w * (yi - common$beta[1])^2) else 0",
            "  tau2 <- if (df > 0) max(0, (q - df) / (sum(w) - sum(w^2) / sum(w))) else 0",
            "  found <- rma(",
            "    yi, common$vi, slab = common$slab[common$not.na.yivi],",
            f"    tau2 = tau2, level = {level}",
            "  )",
            "  found$QE <- q",
            "  found$QEp <- pchisq(q, df, lower.tail = FALSE)",
            "  found",
            "}",
        ]
    )


def model(answer: PooledAnswer, analysis: Analysis) -> str:
    """Return the call that pools, its result in `res`."""
    if analysis.result["model"] != "three-level":
        return f"res <- {_call(answer, analysis, 'dat')}"
    result, rho = analysis.result, number(answer.options.rho)
    test = "z" if answer.options.dependence == "robust" else result["test"]
    return "\n".join(
        [
            comment(_OF_THREE_LEVEL),
            "dat$effect <- seq_len(nrow(dat))",
            f"V <- vcalc(vi, cluster = study, obs = effect, data = dat, rho = {rho})",
            "res <- rma.mv(",
            "  yi, V, random = ~ 1 | study/effect, slab = label, data = dat,",
            f"  test = {text(test)}, level = {number(result['level'])},",
            '  control = list(optimizer = "BFGS", reltol = 1e-16)',
            ")",
        ]
    )


def printed(answer: PooledAnswer, analysis: Analysis) -> str:
    """Return what prints the result, and computes the intervals of prediction and of tau²."""
    result = analysis.result
    shown = transformation(analysis, "transf")
    lines = ["print(res, digits = 8)", f"print(predict(res{shown}), digits = 8)"]
    if result["pi_low"] is not None:
        three_level = result["model"] == "three-level"
        hts = answer.options.prediction == "HTS" and not three_level
        lines += _by_t(answer) if hts else ["limits <- predict(res)"]
    if result["tau2_low"] is not None or result["tau2_high"] is not None:
        lines += ["around <- confint(res, control = control)", "print(around, digits = 8)"]
    return "\n".join(lines)


def transformation(analysis: Analysis, argument: str) -> str:
    """Return the argument that shows results on the reader's scale, "" where it is the same."""
    measure = analysis.measure
    function = "exp" if measure.is_ratio else _TRANSFORMATIONS.get(measure.code)
    return f", {argument} = {function}" if function else ""


def robust(answer: PooledAnswer) -> str:
    """Return the cluster-robust test and interval, "" where they are not asked for."""
    if answer.options.dependence != "robust":
        return ""
    clustered = 'res, vcov = "CR2", cluster = dat$study, test = "Satterthwaite"'
    return "\n".join(
        [
            comment(_OF_ROBUST),
            "suppressPackageStartupMessages(library(clubSandwich))",
            f"robust_test <- coef_test({clustered})",
            f"robust_limits <- conf_int({clustered}, level = {number(answer.options.share)})",
            "print(robust_test, digits = 8)",
            "print(robust_limits, digits = 8)",
        ]
    )


def subgroups(answer: PooledAnswer, analysis: Analysis) -> str:
    """Return the pooled effects of the subgroups and the test between them, "" without any."""
    if not analysis.subgroups:
        return ""
    lines = [
        comment(_OF_SUBGROUPS),
        f"pool_part <- function(part) {_call(answer, analysis, 'part')}",
        "by <- lapply(split(dat, dat$subgroup), pool_part)",
        "print(by, digits = 8)",
    ]
    if analysis.subgroup_test is not None:
        lines += [
            "standard_errors <- sapply(by, function(each) each$se)",
            'between <- rma(sapply(by, coef), sei = standard_errors, method = "EE")',
            "print(between, digits = 8)",
        ]
    return "\n".join(lines)


def regression(answer: PooledAnswer, analysis: Analysis) -> str:
    """Return the meta-regression, "" where there is none."""
    if analysis.regression is None:
        return ""
    named: Mapping[str, str] = moderator_columns(answer)
    values = kinds(answer, analysis)
    lines = [comment(f"{column} is the moderator {name}.") for name, column in named.items()]
    for column in named.values():
        if any(isinstance(value, str) for value in values[column]):
            levels = sorted({word(value) for value in values[column]} - {""})
            lines.append(f"dat${column} <- factor(dat${column}, levels = {vector(levels)})")
    mods = f"mods = ~ {' + '.join(named.values())}"
    lines.append(f"regression <- {_call(answer, analysis, 'dat', mods)}")
    lines.append("print(regression, digits = 8)")
    return "\n".join(lines)


def _call(answer: PooledAnswer, analysis: Analysis, data: str, *mods: str) -> str:
    """Return the call of metafor that pools the rows of a data frame."""
    options, result = answer.options, analysis.result
    shared = [f"level = {number(options.level)}"]
    if options.method in COUNT_METHODS:
        first = [f"{name} = {name}" for name in answer.selection.counts or {}]
        if options.method != "PETO":
            shared.insert(0, f"measure = {text(result['measure'])}")
        shared += [f"{name} = {constants(pair)}" for name, pair in of_sums(options).items()]
        function = _FUNCTIONS[options.method]
    else:
        test = "z" if options.dependence == "robust" else result["test"]
        first = ["yi", "vi", *mods]
        shared = [f"method = {text(result['method'])}", f"test = {text(test)}", *shared]
        if result["method"] in _ITERATIVE and result["k"] > 1:
            shared.append("control = control")
        function = "rma"
    arguments = [*first, f"data = {data}", "slab = label"]
    call = f"{function}(\n  {', '.join(arguments)},\n  {', '.join(shared)}\n)"
    return f"about_mh({call})" if options.method == RANDOM_MH else call


def _by_t(answer: PooledAnswer) -> list[str]:
    share = number((1 + answer.options.share) / 2)
    return [
        comment(_OF_PREDICTION),
        f"reach <- qt({share}, df = res$k - 2) * sqrt(res$tau2 + res$se^2)",
        "limits <- list(pi.lb = res$beta[1] - reach, pi.ub = res$beta[1] + reach)",
        "print(unlist(limits), digits = 8)",
    ]

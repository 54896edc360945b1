/** An average month. */
export const MONTH_MS = (365.25 / 12) * 86_400_000;

/** `up` and others, which scraping adds to the series of a target. */
export const REPORT_SERIES = 5;

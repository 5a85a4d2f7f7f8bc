-- tickets
WITH ranked_tickets AS (
  SELECT
    number,
    company,
    opened_at,
    resolved_at,
    updated_at,
    "Version No",
    made_sla,
    state,
    cost,
    ROW_NUMBER() OVER (PARTITION BY number ORDER BY updated_at DESC, "Version No" DESC) AS place
  FROM tickets
  WHERE
    number <> ''
), tickets_in_waves AS (
  SELECT
    CASE WHEN opened_at < CAST('2017-07-01' AS DATE) THEN 1 ELSE 2 END AS period,
    CAST(company AS TEXT) AS unit,
    cost,
    made_sla,
    opened_at,
    resolved_at
  FROM ranked_tickets
  WHERE
    place = 1
    AND (
      state <> 'Canceled' OR state LIKE 'Re%'
    )
    AND company <> ''
    AND (
      opened_at >= CAST('2017-01-01' AS DATE)
      AND opened_at < CAST('2018-01-01' AS DATE)
    )
)
SELECT
  CASE period WHEN 1 THEN 'before' WHEN 2 THEN 'after' END AS wave,
  unit,
  COUNT(*) AS rows,
  COUNT(*) FILTER(WHERE
    made_sla) AS sla_share_numerator,
  QUANTILE_CONT(
    (
      CAST(DATE_DIFF('microsecond', opened_at, resolved_at) AS DOUBLE) / 3600000000.0
    ),
    [0.375, 0.5, 0.625]
  ) AS median_hours_quantiles,
  COUNT(
    (
      CAST(DATE_DIFF('microsecond', opened_at, resolved_at) AS DOUBLE) / 3600000000.0
    )
  ) AS median_hours_n,
  AVG(CAST(cost AS DOUBLE)) AS cost_value,
  COUNT(cost) AS cost_n,
  STDDEV_SAMP(cost) AS cost_deviation,
  QUANTILE_CONT(CAST(cost AS DOUBLE), [0.875, 0.9, 0.925]) AS p90_quantiles,
  SUM(ROUND(CAST(cost AS DOUBLE), 1) % 2) AS rounded_value,
  COUNT(ROUND(CAST(cost AS DOUBLE), 1) % 2) AS rounded_n
FROM tickets_in_waves
GROUP BY
  period,
  unit;

-- orders
WITH orders_in_waves AS (
  SELECT
    CASE
      WHEN CAST(day AS TIMESTAMP) < CAST('2017-01-01' AS DATE)
      THEN 0
      WHEN CAST(day AS TIMESTAMP) < CAST('2017-07-01' AS DATE)
      THEN 1
      ELSE 2
    END AS period_2,
    discount,
    period,
    sales,
    units
  FROM orders
  WHERE
    CAST(sales AS DOUBLE) / NULLIF(units, 0) > 1
    AND (
      CAST(day AS TIMESTAMP) >= CAST('2016-07-04' AS DATE)
      AND CAST(day AS TIMESTAMP) < CAST('2018-01-01' AS DATE)
    )
)
SELECT
  CASE period_2
    WHEN 0
    THEN 'earlier than before'
    WHEN 1
    THEN 'before'
    WHEN 2
    THEN 'after'
  END AS wave,
  COUNT(*) AS rows,
  SUM(sales) FILTER(WHERE
    units > 0 AND period > 1) - SUM(discount) FILTER(WHERE
    units > 0 AND period > 1) AS kept_numerator,
  SUM(sales) FILTER(WHERE
    units > 0 AND period > 1) AS kept_denominator,
  COUNT(*) FILTER(WHERE
    units > 0 AND period > 1) AS kept_n,
  SUM(
    CAST((
      COALESCE(sales, 0) - COALESCE(discount, 0)
    ) AS DOUBLE) * (
      COALESCE(sales, 0) - COALESCE(discount, 0)
    )
  ) FILTER(WHERE
    units > 0 AND period > 1) AS kept_aa,
  SUM(CAST((
    COALESCE(sales, 0) - COALESCE(discount, 0)
  ) AS DOUBLE) * sales) FILTER(WHERE
    units > 0 AND period > 1) AS kept_ab,
  SUM(CAST(sales AS DOUBLE) * sales) FILTER(WHERE
    units > 0 AND period > 1) AS kept_bb
FROM orders_in_waves
GROUP BY
  period_2;

-- orders by Customer
WITH orders_in_waves AS (
  SELECT
    CASE
      WHEN CAST(day AS TIMESTAMP) < CAST('2017-01-01' AS DATE)
      THEN 0
      WHEN CAST(day AS TIMESTAMP) < CAST('2017-07-01' AS DATE)
      THEN 1
      ELSE 2
    END AS period,
    CAST(day AS TIMESTAMP) AS happened_at,
    "Customer",
    invoice,
    sales,
    units
  FROM orders
  WHERE
    CAST(sales AS DOUBLE) / NULLIF(units, 0) > 1
    AND NOT "Customer" IS NULL
    AND (
      CAST(day AS TIMESTAMP) >= CAST('2016-07-04' AS DATE)
      AND CAST(day AS TIMESTAMP) < CAST('2018-01-01' AS DATE)
    )
), "by_Customer_and_invoice" AS (
  SELECT
    period,
    "Customer",
    invoice,
    COUNT(*) AS rows,
    COUNT(*) FILTER(WHERE
      units > 1) AS spend_rows,
    SUM(sales) FILTER(WHERE
      units > 1) AS sales_2,
    SUM(sales) AS top_share_value,
    MIN(happened_at) AS new_share_first,
    MAX(happened_at) AS rfm_last
  FROM orders_in_waves
  GROUP BY
    period,
    "Customer",
    invoice
), "by_Customer" AS (
  SELECT
    period,
    "Customer",
    CAST(SUM(rows) AS BIGINT) AS rows,
    COUNT(invoice) AS orders,
    CAST(SUM(spend_rows) AS BIGINT) AS spend_rows,
    SUM(sales_2) AS sales_2,
    SUM(top_share_value) AS top_share_value,
    MIN(new_share_first) AS new_share_first,
    MAX(rfm_last) AS rfm_last
  FROM "by_Customer_and_invoice"
  GROUP BY
    period,
    "Customer"
), top_share_order AS (
  SELECT
    period,
    top_share_value,
    ROW_NUMBER() OVER (PARTITION BY period ORDER BY top_share_value DESC) AS place,
    COUNT(*) OVER (PARTITION BY period) AS entities
  FROM "by_Customer"
  WHERE
    NOT top_share_value IS NULL AND period > 0
), top_share_largest AS (
  SELECT
    period,
    SUM(top_share_value) FILTER(WHERE
      place <= CEIL(0.2 * entities)) AS top_share_top,
    SUM(top_share_value) AS top_share_total,
    COUNT(*) AS top_share_n
  FROM top_share_order
  GROUP BY
    period
), new_share_ever AS (
  SELECT
    "Customer",
    MIN(CAST(day AS TIMESTAMP)) AS first_seen,
    MIN(MIN(CAST(day AS TIMESTAMP))) OVER () AS since
  FROM orders
  WHERE
    CAST(sales AS DOUBLE) / NULLIF(units, 0) > 1 AND NOT "Customer" IS NULL
  GROUP BY
    "Customer"
), new_share_new AS (
  SELECT
    active.period,
    COUNT(*) AS new_share_n,
    COUNT(*) FILTER(WHERE
      active.new_share_first = ever.first_seen) AS new_share_count,
    (
      CAST(DATE_DIFF('microsecond', CAST('1970-01-01 00:00:00' AS TIMESTAMP), MIN(ever.since)) AS DOUBLE) / 86400000000.0
    ) AS new_share_since
  FROM "by_Customer" AS active
  JOIN new_share_ever AS ever
    ON active."Customer" = ever."Customer"
  GROUP BY
    active.period
), conversion_started AS (
  SELECT
    period,
    "Customer",
    MIN(happened_at) AS started
  FROM orders_in_waves
  WHERE
    units = 1
  GROUP BY
    period,
    "Customer"
), conversion_reached AS (
  SELECT
    "Customer",
    CAST(day AS TIMESTAMP) AS reached
  FROM orders
  WHERE
    (
      CAST(sales AS DOUBLE) / NULLIF(units, 0) > 1
      AND NOT "Customer" IS NULL
      AND units > 2
    )
    AND CAST(day AS TIMESTAMP) >= CAST('2016-07-04 00:00:00' AS TIMESTAMP)
    AND CAST(day AS TIMESTAMP) < CAST('2018-01-31 00:00:00' AS TIMESTAMP)
), conversion_converted AS (
  SELECT
    period,
    COUNT(*) AS conversion_n,
    COUNT(*) FILTER(WHERE
      arrived > 0) AS conversion_count
  FROM (
    SELECT
      started.period,
      COUNT(reached.reached) AS arrived
    FROM conversion_started AS started
    LEFT JOIN conversion_reached AS reached
      ON reached."Customer" = started."Customer"
      AND DATE_DIFF('microsecond', started.started, reached.reached) BETWEEN 0 AND 2592000000000
    GROUP BY
      started.period,
      started."Customer"
  ) AS entities
  GROUP BY
    period
), rfm_ranks AS (
  SELECT
    period,
    RANK() OVER (PARTITION BY period ORDER BY rfm_last) AS recency,
    RANK() OVER (PARTITION BY period ORDER BY rows) AS frequency,
    RANK() OVER (PARTITION BY period ORDER BY top_share_value) AS monetary,
    COUNT(*) OVER (PARTITION BY period) AS entities
  FROM "by_Customer"
  WHERE
    NOT rfm_last IS NULL
    AND NOT rows IS NULL
    AND NOT top_share_value IS NULL
    AND period > 0
), rfm_classes AS (
  SELECT
    period,
    COUNT(*) AS champions_n,
    COUNT(*) FILTER(WHERE
      FLOOR(CAST(5 * (
        recency - 1
      ) AS DOUBLE) / entities) BETWEEN 3 AND 4
      AND FLOOR(CAST(5 * (
        monetary - 1
      ) AS DOUBLE) / entities) BETWEEN 4 AND 4) AS champions_count
  FROM rfm_ranks
  GROUP BY
    period
), abc_ahead AS (
  SELECT
    period,
    top_share_value AS held,
    COALESCE(
      SUM(CASE WHEN top_share_value > 0 THEN top_share_value END) OVER (
        PARTITION BY period
        ORDER BY top_share_value DESC
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ),
      0
    ) AS ahead,
    SUM(CASE WHEN top_share_value > 0 THEN top_share_value END) OVER (PARTITION BY period) AS total
  FROM "by_Customer"
  WHERE
    NOT top_share_value IS NULL AND period > 0
), abc_classes AS (
  SELECT
    period,
    COUNT(*) AS golden_n,
    COUNT(*) AS steady_n,
    COUNT(*) AS rest_n,
    COUNT(*) FILTER(WHERE
      held > 0 AND ahead < 0.8 * total) AS golden_count,
    COUNT(*) FILTER(WHERE
      held > 0 AND ahead < 0.95 * total AND NOT (
        ahead < 0.8 * total
      )) AS steady_count,
    COUNT(*) FILTER(WHERE
      NOT held > 0 OR NOT (
        ahead < 0.95 * total
      )) AS rest_count
  FROM abc_ahead
  GROUP BY
    period
), came_back AS (
  SELECT
    follows.period AS period,
    COUNT(*) FILTER(WHERE
      active.spend_rows > 0) AS retention_n,
    COUNT(*) FILTER(WHERE
      active.spend_rows > 0 AND again.spend_rows > 0) AS retention_kept
  FROM (VALUES
    (1, 0),
    (2, 1)) AS follows(period, earlier)
  JOIN "by_Customer" AS active
    ON active.period = follows.earlier
  LEFT JOIN "by_Customer" AS again
    ON again.period = follows.period AND again."Customer" = active."Customer"
  GROUP BY
    follows.period
), by_period AS (
  SELECT
    period,
    SUM(rows) AS rows,
    COUNT(*) FILTER(WHERE
      orders >= 2) AS repeat_rate_numerator,
    COUNT(*) AS repeat_rate_denominator,
    AVG(CAST(sales_2 AS DOUBLE)) FILTER(WHERE
      spend_rows > 0) AS spend_value,
    COUNT(sales_2) FILTER(WHERE
      spend_rows > 0) AS spend_n,
    STDDEV_SAMP(sales_2) FILTER(WHERE
      spend_rows > 0) AS spend_deviation,
    COUNT(*) FILTER(WHERE
      spend_rows > 0) AS retention_active,
    COUNT(*) FILTER(WHERE
      NOT top_share_value IS NULL) AS small_n,
    COUNT(*) FILTER(WHERE
      top_share_value < 10.0) AS small_count,
    COUNT(*) FILTER(WHERE
      top_share_value >= 10.0) AS large_count
  FROM "by_Customer"
  GROUP BY
    period
)
SELECT
  CASE period
    WHEN 0
    THEN 'earlier than before'
    WHEN 1
    THEN 'before'
    WHEN 2
    THEN 'after'
  END AS wave,
  rows,
  repeat_rate_numerator,
  repeat_rate_denominator,
  spend_value,
  spend_n,
  spend_deviation,
  retention_n,
  retention_kept,
  retention_active,
  top_share_top,
  top_share_total,
  top_share_n,
  new_share_n,
  new_share_count,
  new_share_since,
  conversion_n,
  conversion_count,
  small_n,
  small_count,
  large_count,
  champions_n,
  champions_count,
  golden_n,
  golden_count,
  steady_n,
  steady_count,
  rest_n,
  rest_count
FROM by_period
LEFT JOIN top_share_largest
  USING (period)
LEFT JOIN new_share_new
  USING (period)
LEFT JOIN conversion_converted
  USING (period)
LEFT JOIN rfm_classes
  USING (period)
LEFT JOIN abc_classes
  USING (period)
LEFT JOIN came_back
  USING (period);

-- keys
SELECT
  COUNT(*) AS keys,
  MIN(claimed) AS example
FROM (
  SELECT
    CAST(number AS TEXT) AS claimed
  FROM (
    SELECT
      number,
      RANK() OVER (PARTITION BY number ORDER BY updated_at DESC, "Version No" DESC) AS place
    FROM tickets
    WHERE
      number <> ''
  ) AS ranked
  WHERE
    place = 1
  GROUP BY
    number
  HAVING
    COUNT(*) > 1
) AS repeated;

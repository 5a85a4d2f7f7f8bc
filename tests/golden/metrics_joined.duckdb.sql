-- tickets
WITH customer_ranked AS (
  SELECT
    id,
    tier,
    number,
    changed,
    closed,
    ROW_NUMBER() OVER (PARTITION BY number ORDER BY changed DESC) AS place
  FROM customers
  WHERE
    NOT number IS NULL
), customer_that_counts AS (
  SELECT
    id,
    tier
  FROM customer_ranked
  WHERE
    place = 1 AND NOT closed
), tickets_joined AS (
  SELECT
    tickets.*,
    customer_that_counts.tier AS customer__tier,
    teams.goal AS team__goal,
    (
      CAST((
        (
          (
            DATE_DIFF(
              'day',
              CAST('0001-01-01' AS DATE),
              CAST(tickets.resolved_at AT TIME ZONE 'Europe/Vienna' AS DATE)
            ) // 7
          ) * 149400000000 + CASE EXTRACT(ISODOW FROM tickets.resolved_at AT TIME ZONE 'Europe/Vienna')
            WHEN 1
            THEN 0
            WHEN 2
            THEN 27000000000
            WHEN 3
            THEN 54000000000
            WHEN 4
            THEN 81000000000
            WHEN 5
            THEN 108000000000
            WHEN 6
            THEN 135000000000
            WHEN 7
            THEN 149400000000
          END + CASE
            WHEN CAST(tickets.resolved_at AT TIME ZONE 'Europe/Vienna' AS DATE) IN (CAST('2017-12-25' AS DATE), CAST('2018-01-01' AS DATE))
            THEN 0
            WHEN EXTRACT(ISODOW FROM tickets.resolved_at AT TIME ZONE 'Europe/Vienna') IN (1, 2, 3, 4, 5)
            THEN LEAST(
              GREATEST(
                DATE_DIFF(
                  'microsecond',
                  CAST(tickets.resolved_at AT TIME ZONE 'Europe/Vienna' AS DATE),
                  tickets.resolved_at AT TIME ZONE 'Europe/Vienna'
                ) - 32400000000,
                0
              ),
              10800000000
            ) + LEAST(
              GREATEST(
                DATE_DIFF(
                  'microsecond',
                  CAST(tickets.resolved_at AT TIME ZONE 'Europe/Vienna' AS DATE),
                  tickets.resolved_at AT TIME ZONE 'Europe/Vienna'
                ) - 46800000000,
                0
              ),
              16200000000
            )
            WHEN EXTRACT(ISODOW FROM tickets.resolved_at AT TIME ZONE 'Europe/Vienna') IN (6)
            THEN LEAST(
              GREATEST(
                DATE_DIFF(
                  'microsecond',
                  CAST(tickets.resolved_at AT TIME ZONE 'Europe/Vienna' AS DATE),
                  tickets.resolved_at AT TIME ZONE 'Europe/Vienna'
                ) - 36000000000,
                0
              ),
              14400000000
            )
            ELSE 0
          END - CASE
            WHEN CAST(tickets.resolved_at AT TIME ZONE 'Europe/Vienna' AS DATE) <= CAST('2017-12-25' AS DATE)
            THEN 0
            WHEN CAST(tickets.resolved_at AT TIME ZONE 'Europe/Vienna' AS DATE) <= CAST('2018-01-01' AS DATE)
            THEN 27000000000
            ELSE 54000000000
          END
        ) - (
          (
            DATE_DIFF(
              'day',
              CAST('0001-01-01' AS DATE),
              CAST(tickets.opened_at AT TIME ZONE 'Europe/Vienna' AS DATE)
            ) // 7
          ) * 149400000000 + CASE EXTRACT(ISODOW FROM tickets.opened_at AT TIME ZONE 'Europe/Vienna')
            WHEN 1
            THEN 0
            WHEN 2
            THEN 27000000000
            WHEN 3
            THEN 54000000000
            WHEN 4
            THEN 81000000000
            WHEN 5
            THEN 108000000000
            WHEN 6
            THEN 135000000000
            WHEN 7
            THEN 149400000000
          END + CASE
            WHEN CAST(tickets.opened_at AT TIME ZONE 'Europe/Vienna' AS DATE) IN (CAST('2017-12-25' AS DATE), CAST('2018-01-01' AS DATE))
            THEN 0
            WHEN EXTRACT(ISODOW FROM tickets.opened_at AT TIME ZONE 'Europe/Vienna') IN (1, 2, 3, 4, 5)
            THEN LEAST(
              GREATEST(
                DATE_DIFF(
                  'microsecond',
                  CAST(tickets.opened_at AT TIME ZONE 'Europe/Vienna' AS DATE),
                  tickets.opened_at AT TIME ZONE 'Europe/Vienna'
                ) - 32400000000,
                0
              ),
              10800000000
            ) + LEAST(
              GREATEST(
                DATE_DIFF(
                  'microsecond',
                  CAST(tickets.opened_at AT TIME ZONE 'Europe/Vienna' AS DATE),
                  tickets.opened_at AT TIME ZONE 'Europe/Vienna'
                ) - 46800000000,
                0
              ),
              16200000000
            )
            WHEN EXTRACT(ISODOW FROM tickets.opened_at AT TIME ZONE 'Europe/Vienna') IN (6)
            THEN LEAST(
              GREATEST(
                DATE_DIFF(
                  'microsecond',
                  CAST(tickets.opened_at AT TIME ZONE 'Europe/Vienna' AS DATE),
                  tickets.opened_at AT TIME ZONE 'Europe/Vienna'
                ) - 36000000000,
                0
              ),
              14400000000
            )
            ELSE 0
          END - CASE
            WHEN CAST(tickets.opened_at AT TIME ZONE 'Europe/Vienna' AS DATE) <= CAST('2017-12-25' AS DATE)
            THEN 0
            WHEN CAST(tickets.opened_at AT TIME ZONE 'Europe/Vienna' AS DATE) <= CAST('2018-01-01' AS DATE)
            THEN 27000000000
            ELSE 54000000000
          END
        )
      ) AS DOUBLE) / 3600000000.0
    ) AS office_hours
  FROM tickets
  LEFT JOIN customer_that_counts
    ON customer_that_counts.id = tickets.caller AND tickets.caller <> ''
  LEFT JOIN teams
    ON teams.team = tickets.team
), tickets_in_waves AS (
  SELECT
    CASE WHEN opened_at < CAST('2017-07-01' AS DATE) THEN 1 ELSE 2 END AS period,
    CAST(customer__tier AS TEXT) AS unit,
    office_hours,
    resolved_at,
    team__goal
  FROM tickets_joined
  WHERE
    customer__tier <> ''
    AND (
      opened_at >= CAST('2017-01-01' AS DATE)
      AND opened_at < CAST('2018-01-01' AS DATE)
    )
)
SELECT
  CASE period WHEN 1 THEN 'before' WHEN 2 THEN 'after' END AS wave,
  unit,
  COUNT(*) AS rows,
  AVG(office_hours) AS hours_value,
  COUNT(office_hours) AS hours_n,
  STDDEV_SAMP(office_hours) AS hours_deviation,
  COUNT(*) FILTER(WHERE
    office_hours <= team__goal) AS in_time_numerator,
  COUNT(resolved_at) AS in_time_denominator,
  COUNT(*) FILTER(WHERE
    office_hours <= team__goal AND NOT resolved_at IS NULL) AS in_time_ab
FROM tickets_in_waves
GROUP BY
  period,
  unit;

-- tickets by caller
WITH customer_ranked AS (
  SELECT
    id,
    tier,
    number,
    changed,
    closed,
    ROW_NUMBER() OVER (PARTITION BY number ORDER BY changed DESC) AS place
  FROM customers
  WHERE
    NOT number IS NULL
), customer_that_counts AS (
  SELECT
    id,
    tier
  FROM customer_ranked
  WHERE
    place = 1 AND NOT closed
), tickets_joined AS (
  SELECT
    tickets.*,
    customer_that_counts.tier AS customer__tier
  FROM tickets
  LEFT JOIN customer_that_counts
    ON customer_that_counts.id = tickets.caller AND tickets.caller <> ''
), tickets_in_waves AS (
  SELECT
    CASE WHEN opened_at < CAST('2017-07-01' AS DATE) THEN 1 ELSE 2 END AS period,
    CAST(customer__tier AS TEXT) AS unit,
    caller
  FROM tickets_joined
  WHERE
    customer__tier <> ''
    AND caller <> ''
    AND (
      opened_at >= CAST('2017-01-01' AS DATE)
      AND opened_at < CAST('2018-01-01' AS DATE)
    )
), by_caller AS (
  SELECT
    period,
    unit,
    caller,
    COUNT(*) AS rows
  FROM tickets_in_waves
  GROUP BY
    period,
    unit,
    caller
)
SELECT
  CASE period WHEN 1 THEN 'before' WHEN 2 THEN 'after' END AS wave,
  unit,
  SUM(rows) AS rows,
  AVG(CAST(rows AS DOUBLE)) AS again_value,
  COUNT(rows) AS again_n,
  STDDEV_SAMP(rows) AS again_deviation
FROM by_caller
GROUP BY
  period,
  unit;

-- keys
WITH ranked_customers AS (
  SELECT
    id,
    tier,
    number,
    changed,
    closed,
    ROW_NUMBER() OVER (PARTITION BY number ORDER BY changed DESC) AS place
  FROM customers
  WHERE
    NOT number IS NULL
)
SELECT
  COUNT(*) AS keys,
  MIN(claimed) AS example
FROM (
  SELECT
    CAST(id AS TEXT) AS claimed
  FROM ranked_customers
  WHERE
    place = 1 AND NOT closed AND id <> ''
  GROUP BY
    id
  HAVING
    COUNT(*) > 1
) AS repeated;

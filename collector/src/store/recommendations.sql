-- What recommendation panels earned, by panel, place in the panel, and day (UTC). All of it that the page shows is here.
--
-- :app, and :from and :to in ms since 1970 (from the first to before the second).
--
-- * An action counts for a panel only where its own record carries the panel's token. Under the policy `panel` that is what
--   was done on the panel and the landing that it led to; a cart filled or a purchase made afterwards carries none.
-- * One visit to a product is often told twice, by the click and by the landing's view, or as an order and as its purchase.
--   So of each such pair the larger number counts, for each visitor, product, answer of the recommender (token) and day.
-- * `later` is no attribution and is told to no recommender: the visitor clicked, and bought the product within seven days
--   by an event without a token.
WITH shown AS (
  -- A page view tells of each product once.
  SELECT coalesce(e.panel, '') AS panel, coalesce(product.value, 0) AS position, e.t / 86400000 AS day,
         count(*) AS impressions
  FROM events e, json_each(e.data, '$.products') AS product
  WHERE e.app = :app AND e.token IS NOT NULL AND e.t >= :from AND e.t < :to AND e.kind = 'impressions'
  GROUP BY 1, 2, 3
),
told AS (
  SELECT coalesce(e.panel, '') AS panel, coalesce(e.position, 0) AS position, e.t / 86400000 AS day,
         e.visitor, e.product, e.token, e.t,
         e.event_type = 9 AS click,
         e.event_type IN (8, 10) AS view,
         e.event_type = 1 AS add_to_cart,
         e.event_type = 11 AS added,
         e.event_type = 5 AS ordered,
         e.event_type = 2 AS purchased,
         CAST(json_extract(e.data, '$.price') AS REAL)
           * coalesce(CAST(json_extract(e.data, '$.quantity') AS REAL), 1) AS amount,
         json_extract(e.data, '$.currency') AS currency
  FROM events e
  WHERE e.app = :app AND e.token IS NOT NULL AND e.t >= :from AND e.t < :to AND e.event_type IS NOT NULL
),
acts AS (
  SELECT panel, position, day,
         max(sum(click), sum(view)) AS clicks,
         max(sum(add_to_cart), sum(added)) AS carts,
         max(sum(ordered), sum(purchased)) AS purchases,
         max(total(amount * ordered), total(amount * purchased)) AS revenue,
         coalesce(max(CASE WHEN ordered OR purchased THEN currency END), '') AS currency,
         visitor, product, min(CASE WHEN click OR view THEN t END) AS clicked
  FROM told
  GROUP BY panel, position, day, visitor, product, token
),
earned AS (
  SELECT panel, position, day, currency, sum(clicks) AS clicks, sum(carts) AS carts, sum(purchases) AS purchases,
         sum(revenue) AS revenue,
         sum(clicked IS NOT NULL AND EXISTS (
           SELECT 1 FROM events p
           WHERE p.visitor = acts.visitor AND p.product = acts.product AND p.app = :app AND p.event_type IN (2, 5)
             AND p.token IS NULL AND p.t > clicked AND p.t <= clicked + 7 * 86400000
         )) AS later
  FROM acts
  GROUP BY panel, position, day, currency
)
SELECT panel, position, day, '' AS currency, impressions, 0 AS clicks, 0 AS carts, 0 AS purchases, 0.0 AS revenue,
       0 AS later
FROM shown
UNION ALL
SELECT panel, position, day, currency, 0, clicks, carts, purchases, revenue, later FROM earned
ORDER BY panel, position, day, currency

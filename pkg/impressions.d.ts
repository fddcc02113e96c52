/**
 * Tells Tillpost which recommended products were really seen: half of the tile in view for one second.
 *
 * @example
 * import { userengage } from "tillpost";
 * import { observe } from "tillpost/impressions";
 * observe(userengage);
 */

/** Once for a page, in the browser. Panels and tiles that are added later are found too. */
export function observe(
  send: (
    kind: "impressions",
    seen: { token: string; panel?: string; products: { [product_id: string]: number | null } },
  ) => void,
): void;

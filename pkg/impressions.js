// The script tag's: `<script async src="/impressions.js"></script>` beside the other one, in any order.
import { observe } from "./impressions.mjs";

observe((kind, payload) => window.userengage && window.userengage(kind, payload));

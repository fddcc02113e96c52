// What the shop sells. A variant is a product of its own: the vendor keeps one value per attribute and product.

export const currency = "EUR";

/** @typedef {{ id: string, name: string, category: string, price: number, text: string, facts: string[],
 *   wall: string, variant?: string, variants?: string[] }} Product */

/** @type {Product[]} */
export const products = [
  {
    id: "01-0",
    name: "Rim pot, 14 cm",
    category: "Pots",
    price: 9.5,
    text: "Thrown terracotta with a rim wide enough to carry it by. Frost-hard, with a hole in the base and a saucer that fits.",
    facts: ["14 cm across, 13 cm tall", "Fired at 1,060 °C", "Saucer included"],
    wall: "sky",
  },
  {
    id: "02-0",
    name: "Ridge railing planter",
    category: "Pots",
    price: 34,
    text: "Hooks over a railing of up to 6 cm and holds nine litres of soil. The water reservoir lasts a long weekend.",
    facts: ["60 × 18 × 18 cm", "Powder-coated steel", "Reservoir for 1.2 l"],
    wall: "blush",
  },
  {
    id: "03-0",
    name: "Ash-handled trowel",
    category: "Tools",
    price: 18.9,
    text: "A narrow blade for narrow boxes, on a handle turned from one piece of ash. The loop is for the hook by the door.",
    facts: ["31 cm long", "Carbon steel, oiled ash", "240 g"],
    wall: "butter",
  },
  {
    id: "04-0",
    name: "Bypass snips",
    category: "Tools",
    price: 42,
    text: "Cuts herbs, roses and twine, and shuts with one thumb. Every part can be taken off, sharpened and replaced.",
    facts: ["19 cm long", "Forged steel", "Left and right hands"],
    wall: "mint",
  },
  {
    id: "05-0",
    name: "Jute twine, 80 m",
    category: "Tools",
    price: 6.8,
    text: "Soft enough for tomato stems, strong enough for a trellis, and it rots with the plant at the end of the year.",
    facts: ["80 m, 2 mm thick", "Untreated jute", "Compostable, spool too"],
    wall: "lilac",
  },
  {
    id: "06-0",
    name: "Nasturtium “Empress of India”",
    category: "Seeds",
    price: 3.4,
    text: "Red flowers, dark leaves, both good in a salad. Push the seeds into any soil in April and forget about them.",
    facts: ["About 25 seeds", "Sow April to June", "Sun or half shade"],
    wall: "sky",
  },
  {
    id: "07-0",
    name: "Balcony tomato “Tumbler”",
    category: "Seeds",
    price: 3.8,
    text: "Hangs down instead of climbing up, so it needs no cane. Two plants fill a railing planter and feed two people.",
    facts: ["About 12 seeds", "Sow indoors from March", "Full sun"],
    wall: "mint",
  },
  {
    id: "08-0",
    name: "Brass plant mister",
    category: "Watering",
    price: 21,
    text: "A fine, even mist for ferns and seedlings. Brass outside, brass inside, and a washer you can buy again.",
    facts: ["0.3 l", "Solid brass", "Spare washer included"],
    wall: "lilac",
  },
  {
    id: "09-0",
    name: "Bee hotel, small",
    category: "Balcony",
    price: 26.5,
    text: "Rooms for mason bees, drilled across the grain so that no splinter tears a wing. Hang it south-east, out of the wind.",
    facts: ["28 × 22 × 14 cm", "Larch, reed and clay", "Holes of 3 to 9 mm"],
    wall: "mint",
  },
  {
    id: "10-0",
    name: "Railing table",
    category: "Balcony",
    price: 89,
    text: "Breakfast for two where no table fits. Hooks on without tools, folds flat against the railing when it rains.",
    facts: ["60 × 38 cm, folds to 6 cm", "Oiled acacia", "Carries 12 kg"],
    wall: "sky",
  },
  {
    id: "11-0",
    name: "Slate plant labels, set of 6",
    category: "Tools",
    price: 11.2,
    text: "Write with chalk or with the pencil that comes along, wipe with a wet thumb, start again next spring.",
    facts: ["Six labels, 14 cm", "Natural slate", "Pencil included"],
    wall: "blush",
  },
  {
    id: "12-0",
    name: "Watering can, 1.5 l, fern",
    category: "Watering",
    price: 24.5,
    text: "A long neck that reaches behind the geraniums, and a rose that turns up for seedlings and down for everybody else.",
    facts: ["1.5 l, fits under a kitchen tap", "Enamelled steel", "Brass rose"],
    wall: "butter",
    variant: "Fern",
    variants: ["12-0", "12-1"],
  },
  {
    id: "12-1",
    name: "Watering can, 1.5 l, sunflower",
    category: "Watering",
    price: 24.5,
    text: "A long neck that reaches behind the geraniums, and a rose that turns up for seedlings and down for everybody else.",
    facts: ["1.5 l, fits under a kitchen tap", "Enamelled steel", "Brass rose"],
    wall: "sky",
    variant: "Sunflower",
    variants: ["12-0", "12-1"],
  },
];

/** @returns {Product | undefined} */
export const find = (id) => products.find((product) => product.id === id);

const format = new Intl.NumberFormat("en-IE", { style: "currency", currency });

export const money = (amount) => format.format(amount);

// Checks the committed dashboards: node build/check.js DASHBOARDS EXPORTER/METRICS SCRAPE RULES [EXPRESSIONS]
// That is: the house rules, Grafana's own types, that every metric and label asked for exists, and that the links of alerts
// arrive. Exit 1 on complaints.
import { readFileSync, writeFileSync } from 'node:fs';
import { deadLinks } from './links.js';
import { complaints } from './lint.js';
import { labelsInScrape, namesInSource, strangers } from './metrics.js';
import { dashboardSchema, violations } from './schema.js';
import { asRules, dashboardsIn, expressionsOf } from './shapes.js';

const [directory, source, scrape, rules, expressions] = process.argv.slice(2);
if (!directory || !source || !scrape || !rules) {
  console.error('usage: check.js DASHBOARDS EXPORTER/METRICS SCRAPE RULES [EXPRESSIONS]');
  process.exit(2);
}

const dashboards = dashboardsIn(directory);
const labels = labelsInScrape(readFileSync(scrape, 'utf8'));
const names = namesInSource(source);
const validate = dashboardSchema();
const found = dashboards.flatMap((dashboard) => [
  ...complaints(dashboard),
  ...violations(validate, dashboard).map((text) => `${dashboard.uid}: ${text} (schema)`),
  ...expressionsOf(dashboard).flatMap((expression) => strangers(expression, labels, names).map((text) => `${dashboard.uid}: ${text}`)),
]);
found.push(...deadLinks(rules, dashboards));
if (labels.size < 50) found.push(`the scrape has only ${labels.size} metrics`);
if (dashboards.length < 3) found.push(`only ${dashboards.length} dashboards in ${directory}`);

if (expressions) writeFileSync(expressions, asRules(dashboards));
for (const text of new Set(found)) console.error(text);
console.log(`${dashboards.length} dashboards, ${dashboards.flatMap(expressionsOf).length} expressions, ${labels.size} metrics scraped, ${found.length} complaints`);
process.exit(found.length ? 1 : 0);

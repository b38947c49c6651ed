// Writes the dashboards: node build/main.js DIRECTORY
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { domain } from './domain.js';
import { exporter } from './exporter.js';
import { overview } from './overview.js';

const directory = process.argv[2] ?? '../grafana';
mkdirSync(directory, { recursive: true });
for (const dashboard of [overview(), domain(), exporter()]) {
  writeFileSync(join(directory, `${dashboard.uid}.json`), `${JSON.stringify(dashboard, null, 2)}\n`);
}

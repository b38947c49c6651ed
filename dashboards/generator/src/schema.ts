// A JSON schema of dashboards, made from the types in @grafana/schema. Read in place, a .d.ts gives an empty schema that
// accepts everything; hence the copy.
import { Ajv, type ValidateFunction } from 'ajv';
import { copyFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGenerator } from 'ts-json-schema-generator';
import type { Dashboard } from './shapes.js';

const here = dirname(fileURLToPath(import.meta.url));

export function dashboardSchema(): ValidateFunction {
  const types = join(here, 'dashboard_types.ts');
  const tsconfig = join(here, 'dashboard_types.json');
  copyFileSync(join(here, '../node_modules/@grafana/schema/dist/types/raw/dashboard/x/types.gen.d.ts'), types);
  writeFileSync(tsconfig, JSON.stringify({ compilerOptions: { module: 'nodenext', moduleResolution: 'nodenext', types: [] }, files: [types] }));
  const schema = createGenerator({ path: types, tsconfig, type: 'Dashboard', skipTypeCheck: true }).createSchema('Dashboard');
  return new Ajv({ strict: false, allErrors: true }).compile(schema);
}

/// What the Prometheus data source keeps in an annotation; the types know only what is common to all data sources.
const ofPrometheus = ['expr', 'step', 'titleFormat', 'textFormat'];

export function violations(validate: ValidateFunction, dashboard: Dashboard): string[] {
  const common = structuredClone(dashboard) as { annotations?: { list: Record<string, unknown>[] } };
  for (const annotation of common.annotations?.list ?? []) ofPrometheus.forEach((key) => delete annotation[key]);
  if (validate(common)) return [];
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`);
}

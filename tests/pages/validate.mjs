// node validate.mjs SCHEMA DOCUMENT…: each document against the schema, one line per complaint.
import { readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

const [schema, ...documents] = process.argv.slice(2);
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
formats(ajv);
const valid = ajv.compile(read(schema));
let failed = documents.length === 0;
for (const file of documents) {
  if (valid(read(file))) continue;
  failed = true;
  for (const error of valid.errors.slice(0, 20)) console.error(`${file}: ${error.instancePath} ${error.message}`);
}
process.exit(failed ? 1 : 0);

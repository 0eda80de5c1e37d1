// Judges JSON documents by a schema with ajv: node verdicts.js NODE_MODULES SCHEMA < LIST
//
// LIST: one path a line. Prints one line for each, "valid" or "invalid", in their order. Before that the schema itself
// is held against the metaschema that it names; where it does not hold, the exit code is 1.

const fs = require("node:fs");
const path = require("node:path");

const [modules, schemaFile] = process.argv.slice(2);
const schema = JSON.parse(fs.readFileSync(schemaFile, "utf8"));
const isDraft4 = (schema.$schema || "").includes("draft-04");
const Ajv = require(path.join(modules, isDraft4 ? "ajv-draft-04" : "ajv"));

// Formats are no assertions in draft 7 unless one asks for them, and we judge URIs by rules of our own.
const ajv = new Ajv({ strict: false, validateFormats: false, logger: false });

/** The schemas that stand beside it, so that a relative $ref is found. */
function addNeighbours(file) {
  for (const name of fs.readdirSync(path.dirname(file))) {
    const neighbour = path.join(path.dirname(file), name);
    if (name.endsWith(".schema.json") && path.resolve(neighbour) !== path.resolve(file)) {
      ajv.addSchema(JSON.parse(fs.readFileSync(neighbour, "utf8")), name);
    }
  }
}

if (!ajv.validateSchema(schema)) {
  console.error(ajv.errorsText(ajv.errors));
  process.exit(1);
}
addNeighbours(schemaFile);
const judge = ajv.compile(schema);
const paths = fs.readFileSync(0, "utf8").split("\n").filter(Boolean);
for (const file of paths) console.log(judge(JSON.parse(fs.readFileSync(file, "utf8"))) ? "valid" : "invalid");

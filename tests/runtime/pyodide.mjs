// Runs the runtime's checks on the Python that npm's pyodide carries (3.14 and newer):
//
//     node tests/runtime/pyodide.mjs FOLDER
//
// FOLDER holds node_modules/pyodide; `npm install --prefix FOLDER pyodide` makes it.
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [folder = "."] = process.argv.slice(2);
const root = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");
const entry = createRequire(join(resolve(folder), "package.json")).resolve("pyodide/pyodide.mjs");
const { loadPyodide } = await import(pathToFileURL(entry).href);

const pyodide = await loadPyodide();
pyodide.mountNodeFS("/project", root);
const failed = pyodide.runPython(`
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, "/project")
from tests.runtime.every import main
main()
`);
process.exit(failed);

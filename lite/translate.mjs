// node translate.mjs CORE FOLDER cache|beside: the Python of the Pyodide in CORE writes the bytecode of every .py file in
// FOLDER, into __pycache__ as an import looks for it, or beside the file as an import from a zip does. The bytecode is
// trusted as it is, and never compared with the time of its text: that is what "unchecked hash" means.
import path from "node:path";
import { pathToFileURL } from "node:url";

const [core, folder] = process.argv.slice(2, 4).map((name) => path.resolve(name));
const { loadPyodide } = await import(pathToFileURL(path.join(core, "pyodide.mjs")));
const python = await loadPyodide({ indexURL: core + path.sep });
python.FS.mkdirTree("/folder");
python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, "/folder");
python.globals.set("beside", process.argv[4] === "beside");
python.runPython(`
import compileall
from pathlib import Path
from py_compile import PycInvalidationMode

folder, place = Path("/folder"), "/lib/python314.zip" if beside else "/lib/python3.14/site-packages"
for part in [folder] if beside else folder.iterdir():
    compileall.compile_dir(
        part, quiet=2, legacy=beside, stripdir=part, prependdir=place, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH
    )
`);

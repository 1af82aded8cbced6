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
import compileall, re
from py_compile import PycInvalidationMode

site = "/lib/python3.14/site-packages" if not beside else "/lib/python314.zip"
for wheel in [""] if beside else __import__("os").listdir("/folder"):
    compileall.compile_dir(
        f"/folder/{wheel}", quiet=2, legacy=beside, stripdir=f"/folder/{wheel}", prependdir=site,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
`);

// Loaded into Playwright's driver before anything else (see driver_environment.py): NODE_OPTIONS takes no such flag.
// From then on V8 lets the heap grow by a third before it collects, not to its fourfold.
require("node:v8").setFlagsFromString("--optimize-for-size");

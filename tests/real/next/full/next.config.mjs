import {dirname} from 'node:path';

// The folder above holds node_modules. Anything else would be a feature of ours, and not of Next.js as most deploy it.
export default {outputFileTracingRoot: dirname(import.meta.dirname)};

// Anything else would be a feature of ours, and not of Next.js as most deploy it.
export default {outputFileTracingRoot: import.meta.dirname};

// A check at boot that throws, when it is told to: Next.js then answers everything with 500, or ends.
export function register() {
  if (process.env.NEXT_RUNTIME === 'nodejs' && process.env.BOOT_CHECK === 'at-boot') throw new Error('DATABASE_URL is not set');
}

/** Where `countersign serve` listens unless it is told otherwise: this machine only. */
export const DEFAULT_HOST = '127.0.0.1'
export const DEFAULT_PORT = '8460'
/** The API that the first run registers. */
export const DEFAULT_RESOURCE = 'https://api.example.com'

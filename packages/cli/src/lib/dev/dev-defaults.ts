/** The port of the server of `countersign dev`. */
export const DEV_PORT = '8460'
/** The port of its API. */
export const DEV_API_PORT = '8461'
/** How long its tokens live, in seconds. */
export const DEV_LIFETIME = '3600'

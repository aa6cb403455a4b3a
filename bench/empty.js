// What importing a package costs before it does anything.
export const empty = true

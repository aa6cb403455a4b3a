import { ArgumentError } from '@countersign/protocol'

/** Reads options that are themselves options: what is thrown names them by their place. */
export function optionsOf<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error
    const { code, option, message } = error
    const place = option === 'options' ? name : `${name}.${option}`
    throw new ArgumentError(code, place, `${message} (in '${name}')`)
  }
}

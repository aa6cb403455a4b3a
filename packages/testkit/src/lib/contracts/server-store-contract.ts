import type { AuditLog, ServerStore } from '@countersign/server'
import { auditedChangesContract } from './audited-changes-contract.ts'
import { auditLogContract } from './audit-log-contract.ts'
import { opaqueTokenStoreContract } from './opaque-token-store-contract.ts'
import { registryStoreContract } from './registry-store-contract.ts'
import { replayStoreContract } from './replay-store-contract.ts'
import { usageStoreContract } from './usage-store-contract.ts'

/** How the suite gets at the store under test. */
export interface ServerStoreContractOptions {
  /**
   * So many stores that share one place with nothing in it, as servers on several machines do; the
   * same one again and again where nothing is shared. Called for each test.
   */
  readonly makeStores: (count: number) => readonly ServerStore[] | Promise<readonly ServerStore[]>
  /** Called after each test, once the stores are closed. */
  readonly cleanUp?: () => void | Promise<void>
}

/**
 * The suites of all five parts of a `ServerStore`, and of two that go together. Call it at the top of a Vitest file.
 *
 * `name` is how the implementation is called in the report.
 */
export function serverStoreContract(name: string, options: ServerStoreContractOptions): void {
  const { makeStores, ...rest } = options
  const parts =
    <P extends keyof Omit<ServerStore, 'close'>>(part: P) =>
    async (count: number): Promise<readonly ServerStore[P][]> =>
      (await makeStores(count)).map((store) => store[part])
  const makeLog = async (): Promise<AuditLog> => {
    const [only] = await parts('audit')(1)
    if (only === undefined) throw new Error('makeStores gave no store')
    return only
  }
  registryStoreContract(name, { ...rest, makeStores: parts('registry') })
  replayStoreContract(name, { ...rest, makeStores: parts('replay') })
  opaqueTokenStoreContract(name, { ...rest, makeStores: parts('opaqueTokens') })
  auditedChangesContract(name, {
    ...rest,
    async makeStore() {
      const [only] = await makeStores(1)
      if (only === undefined) throw new Error('makeStores gave no store')
      return only
    },
  })
  auditLogContract(name, { ...rest, makeLog })
  usageStoreContract(name, { ...rest, makeStores: parts('usage') })
}

import { registryStoreContract } from '@countersign/testkit/contracts'
import { memoryStore } from './memory.ts'

registryStoreContract('memoryStore', { makeStore: () => memoryStore().registry })

import { registryStoreContract } from '@countersign/testkit/contracts'
import { memoryRegistryStore } from './memory.ts'

registryStoreContract('memoryRegistryStore', { makeStore: () => memoryRegistryStore() })

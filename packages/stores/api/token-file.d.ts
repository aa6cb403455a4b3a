// The public API of @countersign/stores/token-file. Written by: npm run check -- --update

import { TokenStore } from '@countersign/client/sharing'

export {
  FileTokenStoreOptions,
  fileTokenStore,
}

interface FileTokenStoreOptions {
    readonly folder: string;
    readonly now?: () => number;
}

function fileTokenStore(options: FileTokenStoreOptions): TokenStore;

// The public API of @countersign/server/node. Written by: npm run check -- --update

import { RequestListener } from 'node:http'

export {
  nodeListener,
}

function nodeListener(server: {
    fetch(request: Request): Response | Promise<Response>;
}): RequestListener;

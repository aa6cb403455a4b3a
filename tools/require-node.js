// Plain JavaScript on purpose: it must run, and speak clearly, on a Node that cannot run TypeScript.
// 22.18 is the first Node that runs the TypeScript sources directly, without a flag.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 18) || major === 23) {
  console.error(
    `This repository needs Node 22.18 or later (or 24, 26); this is ${process.version}.`,
  )
  console.error('Cure: start it through npm after `npm ci` (npm test), or install Node 24.')
  process.exit(1)
}
// Quiet where what follows prints for a script to read.
if (!process.argv.includes('--quiet'))
  console.log(`node ${process.version} on ${process.platform} ${process.arch}`)

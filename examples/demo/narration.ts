import { styleText } from 'node:util'
import type { Exchange } from './exchange.ts'

/** Tells the demo's story, a step at a time, and remembers whether every step did what it says. */
export interface Narration {
  /** Begins a step. */
  step(title: string, why: string): void
  /** Shows an exchange as it went over the wire. */
  show(exchange: Exchange): void
  say(text: string): void
  /** Ends the step: `claim` must hold, and `found` says what was seen. */
  check(claim: string, holds: boolean, found?: string): void
  /** How many steps did not do what they say. */
  readonly failures: number
}

/** A narration on standard output, in colour where it is a terminal. */
export function narrate(): Narration {
  let failures = 0
  let steps = 0
  let started = performance.now()
  const print = (text: string): void => console.log(text)

  return {
    step(title, why) {
      started = performance.now()
      print(`\n${styleText('bold', `${++steps}  ${title}`)}`)
      print(styleText('dim', `   ${why}`))
    },
    show({ to, request, response, milliseconds }) {
      print(`   billing → ${styleText('cyan', to)}   ${request}`)
      print(`   billing ← ${styleText('cyan', to)}   ${response}   ${milliseconds.toFixed(0)} ms`)
    },
    say: (text) => print(`   ${text}`),
    check(claim, holds, found) {
      if (!holds) failures++
      const mark = holds ? styleText('green', 'ok') : styleText('red', 'FAILED')
      const took = `${((performance.now() - started) / 1000).toFixed(1)} s`
      print(
        `   ${mark}  ${claim}${found === undefined ? '' : `: ${found}`}  ${styleText('dim', took)}`,
      )
    },
    get failures() {
      return failures
    },
  }
}

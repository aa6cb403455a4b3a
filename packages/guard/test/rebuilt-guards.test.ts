import { createGuard, type GuardEvent } from '@countersign/guard'
import { handClock } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'

const clock = handClock()

/** Makes so many guards for an issuer and gives what they tell. */
function make(count: number, issuer: string): readonly GuardEvent[] {
  const events: GuardEvent[] = []
  for (let made = 0; made < count; made++) {
    createGuard({
      issuer,
      audience: 'https://api.example',
      now: clock.now,
      onEvent: (event) => events.push(event),
    })
  }
  return events
}

describe('a guard that is made for each request', () => {
  it('is told of once a minute, when there are a hundred for one issuer [field:55]', () => {
    expect(make(99, 'https://as.example')).toEqual([])
    expect(make(99, 'https://other.example')).toEqual([])
    expect(make(901, 'https://as.example')).toEqual([{ type: 'rebuilt', guards: 100 }])
    clock.advance(60_000)
    expect(make(99, 'https://as.example')).toEqual([])
    expect(make(1, 'https://as.example')).toEqual([{ type: 'rebuilt', guards: 100 }])
    clock.advance(-3_600_000)
    expect(make(99, 'https://as.example')).toEqual([])
  })

  it('is not counted for any number of issuers', () => {
    make(99, 'https://first.example')
    for (let tenant = 0; tenant < 100; tenant++) make(1, `https://${tenant}.example`)
    // Forgotten meanwhile: the memory for this is bounded.
    expect(make(99, 'https://first.example')).toEqual([])
  })
})

import { describe, expect, it } from 'vitest'
import { parseDuration } from './duration.ts'
import { isoTime, relativeTime, spanInWords } from './time-in-words.ts'

describe('spanInWords', () => {
  it.each([
    [0, '0 seconds'],
    [1000, '1 second'],
    [59_000, '59 seconds'],
    [59_900, '1 minute'],
    [90_000, '2 minutes'],
    [3_599_000, '1 hour'],
    [47 * 3_600_000, '47 hours'],
    [48 * 3_600_000, '2 days'],
    [-7_200_000, '2 hours'],
  ])('says %i milliseconds as %s', (span, words) => {
    expect(spanInWords(span)).toBe(words)
  })
})

describe('relativeTime', () => {
  it('tells what lies ahead from what is past', () => {
    expect(relativeTime(240_000, 0)).toBe('in 4 minutes')
    expect(relativeTime(0, 240_000)).toBe('4 minutes ago')
    expect(relativeTime(100, 0)).toBe('right now')
    expect(relativeTime(0, 100)).toBe('just now')
  })
})

describe('isoTime', () => {
  it('does not fail beyond the calendar', () => {
    expect(isoTime(0)).toBe('1970-01-01T00:00:00.000Z')
    expect(isoTime(1e300)).toBe('beyond the calendar')
    expect(isoTime(NaN)).toBe('beyond the calendar')
  })
})

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['10m', 600_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
    ['0', 0],
  ])('reads %s', (text, milliseconds) => {
    expect(parseDuration('overlap', text)).toBe(milliseconds)
  })

  it('refuses what is longer than it may be, in the words that it was given in', () => {
    expect(() => parseDuration('overlap', '366d')).toThrow('--overlap is longer than 365d')
    expect(() => parseDuration('timeout', '11m', '10m')).toThrow('--timeout is longer than 10m')
    expect(parseDuration('timeout', '600s', '10m')).toBe(600_000)
  })

  it.each(['', '10', '-1s', '1.5h', '1 h', '10M', '1w', '1h30m', '9999999999999s'])(
    'refuses %j, naming the option',
    (text) => {
      expect(() => parseDuration('overlap', text)).toThrow('--overlap is not a span of time')
    },
  )
})

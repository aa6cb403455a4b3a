import { describe, expect, it } from 'vitest'
import { isPrivateHost } from './private-address.ts'

const hostOf = (host: string) => new URL(`https://${host}/`).hostname

describe('isPrivateHost', () => {
  it.each([
    ['loopback', 'localhost'],
    ['a name under localhost', 'api.localhost'],
    ['loopback with a dot at its end', 'localhost.'],
    ['IPv4 loopback', '127.0.0.1'],
    ['all of its block', '127.255.255.254'],
    ['its short form', '127.1'],
    ['its decimal form', '2130706433'],
    ['its hexadecimal form', '0x7f000001'],
    ['its octal form', '0177.0.0.1'],
    ['this network', '0.0.0.0'],
    ['private 10', '10.1.2.3'],
    ['private 172.16', '172.16.0.1'],
    ['the end of private 172.16', '172.31.255.255'],
    ['private 192.168', '192.168.0.1'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['the end of carrier-grade NAT', '100.127.255.255'],
    ['link-local, cloud metadata', '169.254.169.254'],
    ['protocol assignments', '192.0.0.1'],
    ['documentation', '203.0.113.7'],
    ['benchmarks', '198.19.255.255'],
    ['multicast', '224.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['IPv6 unspecified', '[::]'],
    ['IPv6 loopback', '[::1]'],
    ['IPv4 mapped', '[::ffff:10.0.0.1]'],
    ['IPv4 mapped, a public one too', '[::ffff:8.8.8.8]'],
    ['IPv4 compatible', '[::127.0.0.1]'],
    ['NAT64', '[64:ff9b::a00:1]'],
    ['6to4', '[2002:7f00:1::]'],
    ['Teredo', '[2001::1]'],
    ['IPv6 documentation', '[2001:db8::1]'],
    ['the second IPv6 documentation', '[3fff::1]'],
    ['unique local', '[fd00::1]'],
    ['IPv6 link-local', '[fe80::1]'],
    ['site-local', '[fec0::1]'],
    ['IPv6 multicast', '[ff02::1]'],
    ['a single label', 'intranet'],
    ['a cluster service', 'payments.default.svc.cluster.local'],
    ['its short form in a pod', 'payments.default.svc'],
    ['a Consul service', 'payments.service.consul'],
    ['a cloud metadata name', 'metadata.google.internal'],
    ['a home network', 'router.home.arpa'],
  ])('holds %s (%s) to be private', (_, host) => {
    expect(isPrivateHost(hostOf(host))).toBe(true)
  })

  it.each([
    ['a public name', 'api.example.com'],
    ['a name that only begins like an address', '10.0.0.1.example.com'],
    ['a name that only begins like loopback', 'localhost.example.com'],
    ['a public address', '8.8.8.8'],
    ['the one before private 172.16', '172.15.255.255'],
    ['the one after private 172.16', '172.32.0.0'],
    ['the one before carrier-grade NAT', '100.63.255.255'],
    ['the one after carrier-grade NAT', '100.128.0.0'],
    ['the last unicast one', '223.255.255.255'],
    ['a public IPv6 address', '[2606:4700:4700::1111]'],
    ['one just after Teredo and its kin', '[2001:200::1]'],
  ])('holds %s (%s) to be public', (_, host) => {
    expect(isPrivateHost(hostOf(host))).toBe(false)
  })
})

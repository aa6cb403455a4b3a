import type { MetricFamily } from './open-metrics.ts'

/**
 * What the metrics say of the process itself, by the names that dashboards for Node.js know. Looked up when
 * they are asked for, and at no other time.
 */
export function processFamilies(): readonly MetricFamily[] {
  const { user, system } = process.cpuUsage()
  // Its import loads what a server needs for nothing else.
  const { getHeapSpaceStatistics } = process.getBuiltinModule('node:v8')
  const spaces = getHeapSpaceStatistics().map((space) => ({
    labels: { space: space.space_name.replace(/_space$/, '') },
    size: space.space_size,
    used: space.space_used_size,
    physical: space.physical_space_size,
  }))
  return [
    {
      name: 'process_cpu_seconds',
      type: 'counter',
      help: 'Time that the process has had of the processors.',
      samples: [{ value: (user + system) / 1e6 }],
    },
    {
      name: 'process_start_time_seconds',
      type: 'gauge',
      help: 'When the process started, in seconds since 1970.',
      samples: [{ value: Math.round(performance.timeOrigin / 1000) }],
    },
    {
      name: 'process_resident_memory_bytes',
      type: 'gauge',
      help: 'Memory of the process that is in use.',
      samples: [{ value: process.memoryUsage.rss() }],
    },
    {
      name: 'nodejs_heap_space_size_total_bytes',
      type: 'gauge',
      help: 'Size of each part of the heap.',
      samples: spaces.map(({ labels, size }) => ({ labels, value: size })),
    },
    {
      name: 'nodejs_heap_space_size_used_bytes',
      type: 'gauge',
      help: 'What is used of each part of the heap.',
      samples: spaces.map(({ labels, used }) => ({ labels, value: used })),
    },
    {
      name: 'nodejs_heap_space_size_physical_bytes',
      type: 'gauge',
      help: 'What each part of the heap takes of the memory.',
      samples: spaces.map(({ labels, physical }) => ({ labels, value: physical })),
    },
  ]
}

-- Requests as they go out on the wire, in turn. The file has for each its length, a line end, its bytes.
local requests = {}
local file = assert(io.open(os.getenv('BENCH_REQUESTS'), 'rb'))
while true do
  local length = file:read('*n')
  if not length then break end
  file:read(1)
  requests[#requests + 1] = file:read(length)
end
file:close()

local turn = 0

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local errors = summary.errors
  local failures = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format(
    '{"answers":%d,"failures":%d,"milliseconds":%f,"p50":%f,"p99":%f}\n',
    summary.requests, failures, summary.duration / 1000,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end

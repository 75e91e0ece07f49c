-- Sends the requests of a file, and prints the result as JSON.
-- Arguments: the file, in which a NUL ends each request, and the number of the first one. Without that number each
-- request is chosen at random.

local requests, position = {}, nil

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  for request in file:read("*a"):gmatch("[^%z]+") do
    requests[#requests + 1] = request
  end
  file:close()
  position = tonumber(arguments[2])
  math.randomseed(os.time())
end

function request()
  if not position then
    return requests[math.random(#requests)]
  end
  position = position % #requests + 1
  return requests[position]
end

function done(summary, latency)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "bytes": %d, "failed": %d, "p99": %f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, failed, latency:percentile(99) / 1e6))
end

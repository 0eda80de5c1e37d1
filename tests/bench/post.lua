-- wrk's script: POSTs the bodies of a file, one a line, each once.
--
--   wrk --threads 1 --connections N --duration 2s --script post.lua URL -- FILE
--
-- One thread, so that the walk is in one place; wrk's one thread takes far more than Hydra does. There must be more
-- bodies than are posted: an id that came again would be refused, and refusing costs less than storing.

local requests = {}
local sent = 0

function init(args)
  local headers = { ["Content-Type"] = "application/json", ["Accept"] = "application/json" }
  for body in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, headers, body)
  end
end

function request()
  sent = sent + 1
  if sent > #requests then
    io.stderr:write("post.lua: the " .. #requests .. " bodies are used up\n")
    os.exit(1)
  end
  return requests[sent]
end

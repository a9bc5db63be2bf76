-- ext:history:ID is one string of 288 places of 28 bytes, one for each five minutes of the last day: the number of the
-- five minutes, load, meetings, users, videos, offline (0 or 1). A place is overwritten a day later.
local SLOT_MS, SLOTS, PLACE = 300000, 288, '<I4dI4I4I4I4'

-- Folds what a poll found into the five minutes of now.
local function remember(id, load, meetings, users, videos, offline)
  local function whole(text)
    return math.min(math.max(math.floor(tonumber(text) or 0), 0), 4294967295)
  end
  local now = now_ms()
  local slot, size = math.floor(now / SLOT_MS), struct.size(PLACE)
  local found = { slot, tonumber(load) or 0, whole(meetings), whole(users), whole(videos), offline }
  local name, at = key('ext:history:' .. id), (slot % SLOTS) * size
  local old = redis.call('GETRANGE', name, at, at + size - 1)
  if #old == size then
    local before = { struct.unpack(PLACE, old) }
    if before[1] == slot then
      for i = 2, 6 do
        found[i] = math.max(found[i], before[i])
      end
    end
  end
  redis.call('SETRANGE', name, at, struct.pack(PLACE, unpack(found)))
  -- An original removes a server without it.
  redis.call('PEXPIRE', name, (SLOTS + 1) * SLOT_MS)
end

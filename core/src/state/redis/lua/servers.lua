-- All servers, or those named.
local ids = list_arg()
if #ids == 0 then
  ids = redis.call('SMEMBERS', key('servers'))
  table.sort(ids)
end
local records = {}
for _, id in ipairs(ids) do
  records[#records + 1] = server_record(id)
end
return records

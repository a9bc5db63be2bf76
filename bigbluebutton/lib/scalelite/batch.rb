# frozen_string_literal: true

module Scalelite
  # All recordings of this server, one after the other.
  class Batch
    def initialize(settings, again: false)
      @settings = settings
      @again = again
      @outbox = Outbox.new(settings)
      @list = File.join(settings.work_dir, 'batch_sent')
    end

    # Sends these, or all. Ends at the first that cannot be sent. Gives whether all are sent.
    def send_all(ids = [])
      wanted = ids.empty? ? Record.all(@settings) : ids
      wanted -= sent unless @again
      wanted.each_with_index do |id, number|
        name = Record.new(@settings, id).pack(@outbox) or next
        return false unless @outbox.send_now(name, again: @again)

        File.open(@list, 'a') { |list| list.puts(id) }
        Scalelite.log("#{number + 1} of #{wanted.size}")
      end
      Scalelite.log('all are sent')
      true
    end

    private

    def sent
      File.exist?(@list) ? File.readlines(@list, chomp: true) : []
    end
  end
end

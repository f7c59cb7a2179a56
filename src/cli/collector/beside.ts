// The part of the collector's C# program that writes what stands beside the counters: object types, programs, drivers. Members
// of class Collector, C# 2 only. Layouts as in formats/kernel-lists/; the lines are those of formats/collector.ts.

export const COLLECTOR_BESIDE = String.raw`        [DllImport("ntdll.dll")]
        private static extern uint NtQueryObject(IntPtr handle, int kind, IntPtr buffer, int length, out int needed);

        private const int ProgramsEverySeconds = 60;
        private const int DriversEverySeconds = 60;
        private const int Leaders = 8;

        private class ProcessRow
        {
            public long Pid, Started, Handles, Threads, Nonpaged, Paged, Operations, Bytes;
            public string Name;
        }

        private Dictionary<string, string> lastObjects = new Dictionary<string, string>();
        private Dictionary<long, long> lastOperations = new Dictionary<long, long>();
        private Dictionary<long, long> firstHandles = new Dictionary<long, long>();
        private string lastDrivers = "";
        private DateTime programsAt = DateTime.MinValue, driversAt = DateTime.MinValue;
        private readonly Dictionary<string, bool> refused = new Dictionary<string, bool>();

        /// Each part is asked by itself; one that is refused costs one line, once.
        private void Beside(StringBuilder text, bool full, DateTime now)
        {
            Part(text, "objects", delegate { Objects(text, full); });
            Part(text, "processes", delegate { Processes(text, full, now); });
            Part(text, "drivers", delegate { Drivers(text, full, now); });
        }

        private delegate void Writer();

        private void Part(StringBuilder text, string name, Writer write)
        {
            if (refused.ContainsKey(name)) return;
            int start = text.Length;
            try
            {
                write();
            }
            catch (Exception error)
            {
                text.Length = start;
                refused[name] = true;
                text.Append("@refused ").Append(name).Append(' ').Append(OneLine(error.Message)).Append("\r\n");
            }
        }

        private static string OneLine(string message)
        {
            StringBuilder line = new StringBuilder();
            foreach (char letter in message) line.Append(letter >= ' ' && letter < 0x7f ? letter : ' ');
            return line.ToString();
        }

        private void Objects(StringBuilder text, bool full)
        {
            uint status = InfoLengthMismatch;
            int needed = 0, length = 64 * 1024;
            IntPtr types = IntPtr.Zero;
            try
            {
                for (; status == InfoLengthMismatch && length <= 1 << 20; length *= 2)
                {
                    if (types != IntPtr.Zero) Marshal.FreeHGlobal(types);
                    types = IntPtr.Zero;
                    types = Marshal.AllocHGlobal(length);
                    status = NtQueryObject(IntPtr.Zero, 3, types, length, out needed);
                }
                if (status != 0) throw new InvalidOperationException(Refusal(status));
                int p = IntPtr.Size, part = p == 8 ? 0x68 : 0x60, at = p, count = Marshal.ReadInt32(types);
                for (int i = 0; i < count; i++)
                {
                    int bytes = (ushort)Marshal.ReadInt16(types, at), room = (ushort)Marshal.ReadInt16(types, at + 2);
                    if (at + part + room > length || bytes > room || bytes == 0)
                        throw new InvalidOperationException("the object types are laid out in a way that is not known");
                    string name = Marshal.PtrToStringUni(new IntPtr(types.ToInt64() + at + part), bytes / 2);
                    StringBuilder counts = new StringBuilder();
                    int[] offsets = p == 8 ? new int[] { 0x10, 0x14, 0x28, 0x2C } : new int[] { 8, 0xC, 0x20, 0x24 };
                    foreach (int offset in offsets) counts.Append(' ').Append((uint)Marshal.ReadInt32(types, at + offset));
                    string old;
                    string values = counts.ToString();
                    if (full || !lastObjects.TryGetValue(name, out old) || old != values)
                        text.Append("@object ").Append(Name(name)).Append(values).Append("\r\n");
                    lastObjects[name] = values;
                    at += part + (room + p - 1) / p * p;
                }
            }
            finally
            {
                if (types != IntPtr.Zero) Marshal.FreeHGlobal(types);
            }
        }

        private void Processes(StringBuilder text, bool full, DateTime now)
        {
            uint status = Ask(5);
            if (status != 0) throw new InvalidOperationException(Refusal(status));
            bool wide64 = IntPtr.Size == 8;
            List<ProcessRow> rows = new List<ProcessRow>();
            long threads = 0, handles = 0;
            for (int at = 0; ; )
            {
                if (at < 0 || at + 0x100 > size) throw new InvalidOperationException("the process list is laid out in a way that is not known");
                ProcessRow row = new ProcessRow();
                row.Pid = Pointer(at + (wide64 ? 0x50 : 0x44));
                row.Threads = Marshal.ReadInt32(buffer, at + 4);
                row.Handles = (uint)Marshal.ReadInt32(buffer, at + (wide64 ? 0x60 : 0x4C));
                row.Started = Marshal.ReadInt64(buffer, at + 0x20);
                row.Paged = Pointer(at + (wide64 ? 0xA0 : 0x70));
                row.Nonpaged = Pointer(at + (wide64 ? 0xB0 : 0x78));
                row.Operations = Marshal.ReadInt64(buffer, at + (wide64 ? 0xE0 : 0x98));
                row.Bytes = Marshal.ReadInt64(buffer, at + (wide64 ? 0xF8 : 0xB0));
                int letters = (ushort)Marshal.ReadInt16(buffer, at + 0x38) / 2;
                IntPtr name = Marshal.ReadIntPtr(buffer, at + (wide64 ? 0x40 : 0x3C));
                bool inside = name.ToInt64() >= buffer.ToInt64() && name.ToInt64() + letters * 2 <= buffer.ToInt64() + size;
                row.Name = letters > 0 && inside ? Marshal.PtrToStringUni(name, letters) : row.Pid == 4 ? "System" : "process " + row.Pid;
                if (row.Pid != 0)
                {
                    rows.Add(row);
                    threads += row.Threads;
                    handles += row.Handles;
                }
                int next = Marshal.ReadInt32(buffer, at);
                if (next == 0) break;
                if (next < 0) throw new InvalidOperationException("the process list is laid out in a way that is not known");
                at += next;
            }
            text.Append("@live processes=").Append(rows.Count).Append(" threads=").Append(threads).Append(" handles=").Append(handles).Append("\r\n");
            if (!full && (now - programsAt).TotalSeconds < ProgramsEverySeconds) return;
            programsAt = now;
            Dictionary<ProcessRow, bool> chosen = new Dictionary<ProcessRow, bool>();
            Choose(rows, chosen, delegate(ProcessRow row) { return row.Handles; });
            Choose(rows, chosen, delegate(ProcessRow row) { return row.Handles - Before(firstHandles, row.Pid, row.Handles); });
            Choose(rows, chosen, delegate(ProcessRow row) { return row.Nonpaged + row.Paged; });
            Choose(rows, chosen, delegate(ProcessRow row) { return row.Operations - Before(lastOperations, row.Pid, row.Operations); });
            Dictionary<long, long> handlesNow = new Dictionary<long, long>();
            lastOperations = new Dictionary<long, long>();
            foreach (ProcessRow row in rows)
            {
                handlesNow[row.Pid] = Before(firstHandles, row.Pid, row.Handles);
                lastOperations[row.Pid] = row.Operations;
                if (!chosen.ContainsKey(row)) continue;
                text.Append("@process ").Append(row.Pid).Append(' ').Append(Name(row.Name)).Append(" started=");
                text.Append(row.Started > 0 ? Time(DateTime.FromFileTimeUtc(row.Started)) : "-");
                text.Append(" handles=").Append(row.Handles).Append(" threads=").Append(row.Threads);
                text.Append(" nonpaged=").Append(row.Nonpaged).Append(" paged=").Append(row.Paged);
                text.Append(" otherops=").Append(row.Operations).Append(" otherbytes=").Append(row.Bytes).Append("\r\n");
            }
            firstHandles = handlesNow;
        }

        private delegate long Figure(ProcessRow row);

        private static long Before(Dictionary<long, long> values, long pid, long otherwise)
        {
            long value;
            return values.TryGetValue(pid, out value) ? value : otherwise;
        }

        private static void Choose(List<ProcessRow> rows, Dictionary<ProcessRow, bool> chosen, Figure figure)
        {
            List<ProcessRow> sorted = new List<ProcessRow>(rows);
            sorted.Sort(delegate(ProcessRow a, ProcessRow b) { return figure(b).CompareTo(figure(a)); });
            for (int i = 0; i < sorted.Count && i < Leaders; i++) if (figure(sorted[i]) > 0) chosen[sorted[i]] = true;
        }

        private void Drivers(StringBuilder text, bool full, DateTime now)
        {
            if (!full && (now - driversAt).TotalSeconds < DriversEverySeconds) return;
            driversAt = now;
            uint status = Ask(11);
            if (status != 0) throw new InvalidOperationException(Refusal(status));
            int p = IntPtr.Size, entry = p == 8 ? 0x128 : 0x11C, count = Marshal.ReadInt32(buffer);
            if (count < 0 || p + (long)count * entry > size) throw new InvalidOperationException("the list of drivers is laid out in a way that is not known");
            StringBuilder list = new StringBuilder();
            for (int i = 0; i < count; i++)
            {
                int at = p + i * entry, path = at + (p == 8 ? 0x28 : 0x1C), length = 0;
                while (length < 0x100 && Marshal.ReadByte(buffer, path + length) != 0) length++;
                byte[] name = new byte[length];
                Marshal.Copy(new IntPtr(buffer.ToInt64() + path), name, 0, length);
                list.Append("@driver ").Append((uint)Marshal.ReadInt32(buffer, at + (p == 8 ? 0x18 : 0xC))).Append(' ').Append(Text(name)).Append("\r\n");
            }
            string drivers = list.ToString();
            if (full || drivers != lastDrivers) text.Append("@drivers ").Append(count).Append("\r\n").Append(drivers);
            lastDrivers = drivers;
        }

        private long Pointer(int at)
        {
            return IntPtr.Size == 8 ? Marshal.ReadInt64(buffer, at) : (uint)Marshal.ReadInt32(buffer, at);
        }

        private static string Name(string name)
        {
            return Text(Encoding.UTF8.GetBytes(name));
        }

        /// A table of the rows that are largest by one figure, with what they gained since the first snapshot.
        public string Table(int rows, string sort, double seconds)
        {
            List<ulong> keys = new List<ulong>(last.Keys);
            string by = sort.ToLowerInvariant();
            keys.Sort(delegate(ulong a, ulong b)
            {
                if (by == "tag") return string.CompareOrdinal(Text(BitConverter.GetBytes((uint)(a >> 1))), Text(BitConverter.GetBytes((uint)(b >> 1))));
                int order = Sorted(b, by).CompareTo(Sorted(a, by));
                return order != 0 ? order : a.CompareTo(b);
            });
            StringBuilder table = new StringBuilder();
            table.AppendFormat(CultureInfo.InvariantCulture, "{0:yyyy-MM-dd HH:mm:ss}Z  {1} rows by {2}, gained in {3:0} s\r\n\r\n", DateTime.UtcNow, keys.Count, by, seconds);
            table.AppendFormat("{0,-8}{1,-5}{2,14}{3,14}{4,12}{5,12}{6,15}{7,13}{8,11}\r\n", "Tag", "Type", "Allocs", "Frees", "Diff", "Gained", "Bytes", "Gained", "Per Alloc");
            for (int i = 0; i < keys.Count && i < rows; i++)
            {
                Row row = last[keys[i]];
                long held = Held(row);
                table.AppendFormat(CultureInfo.InvariantCulture, "{0,-8}{1,-5}{2,14}{3,14}{4,12}{5,12}{6,15}{7,13}{8,11}\r\n",
                    Shown((uint)(keys[i] >> 1)), (keys[i] & 1) == 0 ? "Nonp" : "Paged", row.Allocs, row.Frees, held,
                    Signed(held - Held(First(keys[i]))), row.Bytes, Signed((long)row.Bytes - (long)First(keys[i]).Bytes), held > 0 ? (long)row.Bytes / held : 0);
            }
            return table.ToString();
        }

        private Dictionary<ulong, Row> first;

        private Row First(ulong key)
        {
            Row row;
            return first.TryGetValue(key, out row) ? row : new Row();
        }

        private long Sorted(ulong key, string by)
        {
            Row row = last[key];
            if (by == "allocs") return (long)row.Allocs;
            if (by == "frees") return (long)row.Frees;
            if (by == "diff") return Held(row);
            if (by == "gained") return (long)row.Bytes - (long)First(key).Bytes;
            return (long)row.Bytes;
        }

        private long Held(Row row)
        {
            return wide && IntPtr.Size == 8 ? (long)(row.Allocs - row.Frees) : (long)(uint)(row.Allocs - row.Frees);
        }

        private static string Signed(long value)
        {
            return value > 0 ? "+" + value.ToString(CultureInfo.InvariantCulture) : value == 0 ? "" : value.ToString(CultureInfo.InvariantCulture);
        }

        /// A tag as PoolMon shows it: blanks as they are, other bytes as dots.
        private static string Shown(uint tag)
        {
            StringBuilder text = new StringBuilder(4);
            foreach (byte value in BitConverter.GetBytes(tag)) text.Append(value >= 0x20 && value < 0x7f ? (char)value : '.');
            return text.ToString();
        }
`;

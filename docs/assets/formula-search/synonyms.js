/**
 * How learners say it → how names and meanings say it.
 * Each line: phrases (separated by |) => words to look for as well.
 */
const TABLE = `
除以根号|除根号|除以√|为什么缩放|要缩放|缩放因子|scale factor|除以 sqrt|根号 d|根号d|根号dk|根号 dk => 除以根号 点积的方差 缩放点积
显存不够|省显存|节省显存|减少显存|降低显存|爆显存|oom|显存占用|占多少显存|显存怎么算|内存占用|省内存 => 显存 缓存 memory
缓存太大|减少缓存|缩小缓存|压缩缓存|省缓存|kv缓存|kv 缓存|键值缓存 => KV cache 缓存
压缩键值|压缩 kv|压缩kv|低秩压缩|低维 => 低秩 压缩 潜在 MLA
共享键值|共享 kv|共享kv|几个头共享|分组共享 => 分组查询 GQA MQA 共享
看不到后面|看不见未来|未来的词|不能看未来|只看前面|只看见过去|防止泄露|防止偷看|看到后文|下三角|上三角 => 因果 掩码 过去
溢出|指数溢出|exp 溢出|数值稳定|nan|上溢|下溢|指数爆炸|数值不稳 => 数值稳定 上溢 减去最大值 safe
分块|不存整个|不写回|流式|一遍扫描|io 感知|io感知|tile => 在线 分块 FlashAttention 写回
随机性|更随机|随机一点|多样性|更有创意|更确定|尖锐|平滑分布|调分布|输出随机|temperature => 温度 采样 带温度
加速推理|加速生成|加速解码|草稿|小模型先猜|大小模型|猜测解码|一次多个 token|草稿模型|推测执行 => 投机解码 草稿 接受
语言模型好不好|评价语言模型|模型好坏|预测得准|衡量语言模型 => 困惑度 有效候选数
下一个词|下一个 token|自回归|逐词|预测下一个 => 自回归 逐词 链式分解 负对数似然 预训练
预训练目标|预训练损失|预训练优化|预训练在学|最大似然|mle => 负对数似然 预训练就是最小化
两个分布|分布差多远|分布的距离|分布差异|分布之间|分布距离|差距多大|相似程度 => KL 散度 JS 散度
不确定性|混乱程度|信息量 => 信息熵 不确定性
类别不平衡|样本不均衡|难样本|易分样本|难易样本|正负样本失衡|长尾 => Focal 易分样本
多分类|分类任务|分类损失 => 交叉熵 分类
一起求导|求梯度|对 logits 求导|反传结果|梯度是什么 => 梯度 导数 求导 logits
梯度消失|直通|跳连|skip connection|shortcut|为什么能堆很深|深层 => 残差 直通路 残差连接
学习率|预热|warmup|退火|衰减学习率|随步数 => 学习率 预热
训练稳定|归一化放哪|放在前面|前置归一化|先归一化|pre-norm|prenorm|pre norm => Pre-LN 先归一化 更稳
后置归一化|原始 transformer 归一化|post-norm|postnorm|post norm => Post-LN
很深的网络|一千层|1000 层 => DeepNorm
不减均值|去掉均值|比 layernorm 快|更快的归一化|llama 用的归一化|不用 layernorm|代替 layernorm|替代 layernorm => RMSNorm 均方根 减均值
特征维|每个 token 归一化|每个词元归一化 => 层归一化 特征维
门控|门机制|gate => 门控 门控线性单元 SwiGLU GLU
压到 0 到 1|压到零|变成概率|转成概率|归一化成概率|概率分布|0到1 => Sigmoid Softmax 概率分布 压到
前馈|两层全连接|全连接层 => 前馈网络 FFN
位置信息|词序|顺序信息|不知道顺序|表示位置|位置编码 => 位置编码
相对位置|只和距离有关|只依赖距离|相对距离 => 相对性 相对位置 内积只依赖相对位置
不加位置向量|按距离惩罚|距离惩罚|线性偏置|加偏置|知道距离 => ALiBi 偏置 惩罚 距离
外推|更长上下文|长上下文|扩展上下文|超过训练长度|上下文长度|长文本|扩窗 => 外推 位置插值 NTK 更长的上下文 训练长度
旋转|复数|rotary => 旋转位置编码 RoPE
底数|base|10000 => 频率 底数 RoPE
线性复杂度|平方复杂度|降低复杂度|不用 softmax|核函数|去掉 softmax => 线性注意力 核函数
计算量|复杂度|flops|浮点运算|要算多少 => 计算量 FLOPs 算力 复杂度
多少算力|算力需求|训练成本|训练要多久|训练时间|训练量 => 训练算力 算力 FLOPs
参数量|多少参数|参数有多少|参数怎么算|模型多大 => 参数量
数据和参数怎么配|数据量和参数|模型和数据|怎么配比|配比|固定算力|算力固定|最优规模 => Chinchilla 缩放律 同比例
模型该多大|缩放定律|规模定律|越大越好|扩展定律|scaling => 缩放律 Chinchilla Kaplan
多头|不同子空间|为什么多个头 => 多头注意力 头
查询来自|文本看图像|图像特征|图文融合|解码器看编码器|跨模态 => 交叉注意力 文本 图像
微调|只训练很少|少量参数|冻结|参数高效|peft|低秩|插件 => LoRA 低秩 冻结 可训练参数
离群值|离群点|异常值|激活难量化|激活太大|激活值有|outlier => SmoothQuant 平滑 激活的难度搬到权重
优化器状态|切优化器|优化器分片 => ZeRO-1 只切优化器状态
多卡|切分|分片|分布式|deepspeed|多gpu|数据并行 => ZeRO 切
切梯度|切分梯度 => ZeRO-2 再切梯度
切参数|参数也切|切分参数 => ZeRO-3 FSDP 参数也切开
混合精度|fp16|半精度|bf16|几个字节|多少字节|占几个字节 => 混合精度训练显存 半精度 优化器状态
激活占|重计算|checkpoint|激活内存|激活检查点 => 激活显存 重计算
通信量|通信开销|同步梯度|allreduce|all-reduce|环形 => AllReduce 通信量
偏好概率|偏好怎么变成|偏好变成|偏好建模|哪个回答好 => Bradley–Terry 偏好概率
人类偏好|偏好对齐|偏好数据|人类反馈 => 偏好 RLHF DPO
偏好优化 => 偏好优化
不训练奖励模型|不训练奖励|不用奖励模型|没有奖励模型|跳过奖励|不要奖励模型|无需奖励模型|去掉奖励模型|省掉奖励模型 => DPO 不用训练奖励模型 直接偏好优化
不要参考模型|不用参考模型|没有参考模型|省掉参考|不需要参考模型|无参考模型|去掉参考模型 => SimPO 不要参考模型
奖励模型|打分模型 => 奖励模型
两个回答|好坏回答|排序损失|成对比较 => 奖励模型损失 成对 Bradley–Terry
隐式奖励|反解奖励|奖励怎么来 => 隐式奖励 反解
最优策略|解析解|闭式解|配分函数 => 最优策略 配分函数
新旧策略|步子太大|更新太大|限制更新|限制策略|差太大|信赖域|裁剪 => PPO 裁剪 比值 步子 限制新旧策略
优势函数|优势估计|偏差和方差|方差太大|减小方差 => 广义优势估计 GAE 优势
没有价值网络|不用价值网络|去掉 critic|不要 critic|没有critic|去掉critic|组内|同一题|一组回答|价值模型 => GRPO 价值网络 组内
策略梯度|reinforce|直接优化策略 => 策略梯度 REINFORCE
防止跑偏|偏离参考|不要偏离|kl 惩罚|kl惩罚|奖励作弊|reward hacking|约束 => RLHF 目标 KL 惩罚 参考策略
对比学习|正样本|负样本|拉近|推远|正负样本 => 对比学习 InfoNCE 正样本 负样本
图文对齐|图文对比|图片和文字|图片和文本|图像和文本|图像和文字|图文|同一空间|多模态对齐|clip => CLIP 图到文 图文对比 对比学习
是否匹配|成对|难负例 => 图文匹配 ITM 难负例
切块|图块|切成|patch|分块图像|切图|图像切 => ViT 图块 切成
稀疏激活|只激活|激活少数|少数专家|选专家|选哪个专家|哪几个专家|路由|router|gating => Top-k 门控 只激活
专家|moe|mixture => 混合专家 MoE
负载不均|负载均衡|专家均衡|专家闲置|不均衡|忙闲不均 => 负载均衡 均匀分
机器翻译评价|评价机器翻译|评价翻译|翻译得好|翻译评测|翻译质量|ngram|n-gram => BLEU 精确率
关键词检索|稀疏检索|词频|文档频率|搜索引擎 => BM25 TF-IDF 词频
两个字符串|字符串差|改几步|几次操作|拼写 => 编辑距离 插入 删除 替换
公共子序列|公共部分 => 最长公共子序列 LCS
老师学生|小模型学大模型|大模型教小模型|模仿大模型|学生模型|教师模型|模型压缩|软目标|教师|老师|模仿 => 知识蒸馏 distillation
先验|后验|条件概率|逆概率 => 贝叶斯 先验 后验
梯度累积|小批次攒|等效批次 => 梯度累积
前缀微调|软提示|prefix|prompt tuning|虚拟 token|连续提示 => Prefix Prompt Tuning 前缀 软提示
瓶颈层|插入小模块|适配器|adapter => Adapter 适配器 瓶颈
nf4|四比特|双重量化|分位数量化|qlora => QLoRA NF4 分位数 双重量化
只训练偏置|只调偏置|bitfit => BitFit 偏置
缩放激活|ia3|ia³ => IA³ 缩放
滑动窗口|局部注意力|稀疏注意力|全局 token => 稀疏 滑动窗口 Longformer BigBird
随机特征|performer|linformer => 线性注意力 核函数 低秩
yarn|注意力温度|分段插值 => YaRN 插值
分桶|相对偏置 => T5 相对位置偏置
kto|不成对偏好|点赞点踩 => KTO
ipo|恒等映射 => IPO
自我博弈|spin => SPIN
查询向量压缩图像|q-former|resampler|连接器 => Q-Former 连接器
动态分辨率|m-rope|多模态位置 => M-RoPE
有效批次|吞吐 => 吞吐
speculative => 推测解码
自注意力|self attention|self-attention => 缩放点积注意力 自注意力
rlaif|ai 反馈|评委|裁判|judge|打标签 => AI 标注者 偏差 LLM-as-a-judge
崩溃|自己的输出|合成数据|collapse => 模型坍塌 多样性 尾部
幻觉|看图说谎|hallucination => 先验 证据 幻觉
带宽|访存|memory bound|bandwidth => 算术强度 带宽 读取
导数|jacobian|derivative => 雅可比 求导 梯度
无损|不改变输出|结果一样 => 分布不变 无损
错别字|错字|打错 => 三元组 错字
合并|并进|折叠|fold|merge => 合并 并进 吸收
projector|投影器 => 连接器 逐块映射
峰值 => 峰值 最大层
重叠|掩盖通信 => 通信重叠 藏住
更贴合提示|更听话|贴近条件|提示词强度|引导强度|guidance => 无分类器引导 条件
累计概率|累积概率|概率前|候选集合|截断采样|核采样 => Top-p 累计概率 nucleus 采样
生成长句|偏短|偏爱短句|长度惩罚|句子长度 => 束搜索 长度归一化
完形填空|遮住|掩盖|填空 => 掩码语言模型 MLM BERT 掩盖
过拟合|过度自信|过于自信|软标签 => 标签平滑
梯度爆炸|梯度太大|防止爆炸|梯度过大|训练崩 => 梯度裁剪 范数
流水线|空闲|气泡|微批|bubble|等待时间 => 流水线气泡 微批
最多|至多|顶多|封顶 => 上限
最少|至少 => 下限
能答对|答对|猜对|蒙对|做对 => 正确率 上限
总显存|吃多少显存|占多少内存|显存账|内存账 => 显存 模型状态 缓存
慢多少|多花多少|多算多少|额外开销|多出的开销|开销多大 => 代价 多出
快多少|提速多少|加速多少|省多少时间 => 加速比
几个词|几个 token|多少个 token|多少 token => token 数
看多远|看到多远|够得着|多远 => 距离 窗口 视野
扔掉|丢掉|截断|截掉 => 损失 误差
突然变大|突然很大|飞涨 => 放大
打乱|洗牌|顺序丢|顺序全丢|换顺序|不分先后|shuffle => 排列 置换 次序
动态规划|转移方程|状态转移|dp => 递推
levenshtein => 编辑距离
主权重|主副本|master weight => 混合精度 模型状态
刚开始|一开始|起步|第一步|开局 => 初值 第一步
更宽|加宽 => 加宽
排法|排列方式 => 排法 换算
遗忘门|长短期|记忆单元 => LSTM 细胞状态 遗忘门
查准|查全|precision recall|调和平均 => F1 精确率 召回率 调和平均
`;

/** The field's words in both languages: whoever asks in one finds what is written in the other, or in a word beside it. */
export const BOTH = `
share fraction proportion portion percentage ratio 占比 比例 份额 几成
bound limit ceiling cap 上限 上界 封顶
lower floor minimum least 下限 下界 至少
upper maximum most highest 上限 最大 至多
count number many 个数 总数
size width dimension 大小 宽度 维度
memory footprint vram storage 显存 内存
cost overhead expense extra 代价 开销 多出
compute flops operations macs multiplications 计算量 运算 乘加
speed speedup faster acceleration throughput 加速 加速比 吞吐
slow latency time 时间 延迟
bandwidth traffic communication 带宽 通信
bytes bits precision 字节 比特 精度
reads writes io access 读写 读取
parameters weights 参数 权重 参数量
gradient derivative backward backprop 梯度 导数 反向
objective loss 损失 目标
optimum optimal best solution 最优 闭式
reward 奖励
policy 策略
preference 偏好
chosen preferred 被选中
noise noisy flip wrong 噪声 翻转
label annotation annotator labeller judge 标签 标注 标注者
bias 偏置 偏差
variance spread std 方差 标准差
mean average 均值 平均
norm magnitude length 范数 幅度
distance lag 距离 间隔
difference gap discrepancy change 之差 差距 改变
equivalence equivalent same equal identical 等价 等于 相同
invariance invariant unchanged preserved 不变 保持
permutation order shuffle 置换 排列 次序
symmetry orbit 对称 轨道
rotation rotary rotate 旋转 转动
frequency wavelength period 频率 波长
position positional index 位置 下标
absolute 绝对
relative 相对
extrapolation longer 外推
interpolation 插值
window local sliding 窗口 滑动
global 全局
sparse sparsity 稀疏
density 密度
mask causal 掩码 因果
heads head 头 多头
query 查询
key 键
value 值
cache cached 缓存
merge fold absorb fuse combine 合并 并进 吸收
mix mixing mixture blend 混合
split partition shard sharding 切分 切开
chunk block tile segment 分块 分段
recompute checkpoint rematerialization 重算 检查点
accumulation accumulate 累积
update step 更新
first initial start beginning 第一步 初值 起步
last final 末层 最后
layer depth deep 层数 深层
residual shortcut skip 残差 直通 主干
decay decrease shrink attenuation reduction 衰减 下降 变小 收缩
growth grow increase blowup explode amplification 增长 放大
saturation saturated peaked sharp 饱和
entropy uncertainty 熵
probability chance likelihood 概率
distribution 分布
expected expectation 期望
accuracy correct 正确率
error 误差
success failure 成功率 失败
retry restart replan 从头再来
majority vote 多数投票
critical path parallel 关键路径 并行
tail rare 尾部 消失
collapse diversity 坍塌 多样性
synthetic filter clean 合成 过滤 干净
image picture visual vision photo 图像 视觉
patch patches 图块
resolution 分辨率
connector projector resampler bridge 连接器 重采样器
frozen freeze 冻结
prompt prefix 提示 前缀
rank lowrank 低秩 秩
quantization quantize 量化
rounding 舍入
scale scaling factor multiplier 缩放 倍数 系数
condition threshold criterion when 条件 门槛
breakeven crossover payoff 回本 占优
balance balancing 均衡 负载均衡
router routing gate gating 路由 门控
expert 专家
recurrence recursion 递推
state capacity 状态 记忆
kernel feature 核 特征
random stochastic 随机
associativity reorder 结合律 换次序
draft speculative acceptance 草稿 推测 接受
retrieval retrieve 检索
edit levenshtein 编辑距离
subsequence 子序列
typo trigram 错字 三元组
adjacent neighbour neighbor 相邻
swap transposition 换位 换序
projection 投影
output 输出
forward 前向
score logits 打分 分数
reach span far field 视野 够得着
hops reachable 可达
sink 汇聚
slope 斜率
bucket bins 分桶
decomposition decoupled disentangled factorization 分解 解耦
exact unbiased lossless 不变 精确
peak 峰值
overlap hide 重叠 藏住
batch 批
intensity roofline 强度
correlation fidelity 相关系数
learned learnable 可学习
token tokens 词元
generation generate decode decoding 生成 解码
training 训练
information 信息
mutual 下界 互信息
negative negatives 负样本
`.trim().split("\n").map((line) => line.split(" "));

/** Two Chinese words for one thing: the first is put for the others, in names and queries alike. */
const ALIKE = "token 词元 令牌|归一化 规范化 标准化|雅可比 雅克比|掩码 遮罩 掩膜|推测 投机 猜测|采样 抽样|舍入 取整|反向 后向|缩放律 缩放定律 标度律 规模定律|位置编码 位置嵌入|参数量 参数个数 参数数量|计算量 运算量|外推 外插|检查点 重计算 重算|自博弈 自我博弈 自我对弈 自对弈|拼接 连接起来|打分 得分|上限 上界 天花板|下限 下界|坍塌 崩溃 塌缩".split("|").map((line) => line.split(" "));
const FIRST = new Map(ALIKE.flatMap(([first, ...others]) => others.map((other) => [other, first === "token" ? " token " : first])));
const OTHERS = new RegExp([...FIRST.keys()].join("|"), "g");
export const alike = (text) => text.replace(OTHERS, (word) => FIRST.get(word));

/** [phrase, words][]: longest phrases first. */
export const SYNONYMS = TABLE.trim().split("\n").flatMap((line) => {
  const [phrases, words] = line.split("=>");
  return phrases.split("|").map((phrase) => [alike(phrase).trim().toLowerCase(), words.trim()]);
}).sort((a, b) => b[0].length - a[0].length);

/** Words that half of all names carry: alone they decide nothing. */
export const GENERIC = new Set("模型 训练 损失 函数 网络 矩阵 参数 大小 问题 数据 计算 更新 目标 区别 关系 作用 结构 原理 推导 技术 算法 机制 系数 输出 输入 结果 过程 意义 怎么来 支持 使用 现在".split(" "));

/** Words of a question that say nothing about the answer. */
export const STOP = /为什么要|为什么|怎么样|怎么办|怎么才能|怎么|怎样|如何|什么是|是什么|是多少|有多少|多少|什么|请问|一下|哪些|哪个|哪种|有没有|能不能|可以|需要|公式|表达式|到底|究竟|的时候|用来|时候|里面|所有|一个|这个|那个|之间|然后|方法|写法|介绍|解释|面试|的|吗|呢|了|里|在|是|和|与|把|被|让|用|做|就|都|要|(?<!不)[会能]|对|从|给|(?<![\w-])(?:why|how|what|which|when|where|who|is|are|was|be|do|does|did|can|should|my|we|it|its|the|an|of|in|on|at|to|for|with|by|and|or|not?|off|get|use|used|using|need|there|this|that|than|so|formula|equation)(?![\w-])/gi;
